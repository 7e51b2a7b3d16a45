"""Running several endless things together."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def first_end(*endless: Coroutine[Any, Any, object]) -> None:
    """Run all until one ends; cancel the others, wait for them, and raise what it raised.

    A TaskGroup would wrap the exception in a group. Of several that failed, the first in the
    order given counts.
    """
    tasks = [asyncio.create_task(one) for one in endless]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        failures = [task.exception() for task in tasks if not task.cancelled()]
    for failure in failures:
        if failure is not None:
            raise failure
