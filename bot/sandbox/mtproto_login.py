"""The methods of the sandbox's Telegram that need no login: its configuration, and the login.

`nabat login` goes through them in earnest: a code, then a password if the account has one.
"""

import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from telethon.tl import functions, types

from bot.sandbox.mtproto_crypto import PasswordCheck
from bot.sandbox.mtproto_state import DC_ID, Call, Failure, KeyState, World


def _get_config(world: World, call: Call) -> Any:
    now = world.clock()
    itself = types.DcOption(id=DC_ID, ip_address=world.host, port=world.port, static=True)
    return types.Config(
        date=now,
        expires=now + timedelta(hours=1),
        test_mode=False,
        this_dc=DC_ID,
        dc_options=[itself],
        dc_txt_domain_name="",
        chat_size_max=200,
        megagroup_size_max=200_000,
        forwarded_count_max=100,
        online_update_period_ms=210_000,
        offline_blur_timeout_ms=5_000,
        offline_idle_timeout_ms=30_000,
        online_cloud_timeout_ms=300_000,
        notify_cloud_delay_ms=30_000,
        notify_default_delay_ms=1_500,
        push_chat_period_ms=60_000,
        push_chat_limit=2,
        edit_time_limit=172_800,
        revoke_time_limit=172_800,
        revoke_pm_time_limit=172_800,
        rating_e_decay=2_419_200,
        stickers_recent_limit=200,
        channels_read_media_period=604_800,
        call_receive_timeout_ms=20_000,
        call_ring_timeout_ms=90_000,
        call_connect_timeout_ms=30_000,
        call_packet_timeout_ms=10_000,
        me_url_prefix="https://t.me/",
        caption_length_max=1_024,
        message_length_max=4_096,
        webfile_dc_id=DC_ID,
    )


def _get_nearest_dc(world: World, call: Call) -> Any:
    return types.NearestDc(country="", this_dc=DC_ID, nearest_dc=DC_ID)


def _get_app_config(world: World, call: Call) -> Any:
    return types.help.AppConfig(hash=0, config=types.JsonObject([]))


def _send_code(world: World, call: Call) -> Any:
    if re.sub(r"\D", "", call.request.phone_number) != world.account.phone:
        raise Failure(400, "PHONE_NUMBER_INVALID")
    call.device.phone_code_hash = secrets.token_hex(9)
    return _sent_code(world, call)


def _resend_code(world: World, call: Call) -> Any:
    _check_code_hash(call)
    return _sent_code(world, call)


def _sent_code(world: World, call: Call) -> Any:
    return types.auth.SentCode(
        type=types.auth.SentCodeTypeApp(length=len(world.account.code)),
        phone_code_hash=call.device.phone_code_hash,
    )


def _check_code_hash(call: Call) -> None:
    if not call.device.phone_code_hash or (
        call.request.phone_code_hash != call.device.phone_code_hash
    ):
        raise Failure(400, "PHONE_CODE_EXPIRED")


def _sign_in(world: World, call: Call) -> Any:
    _check_code_hash(call)
    if call.request.phone_code != world.account.code:
        raise Failure(400, "PHONE_CODE_INVALID")
    if world.account.password is not None:
        raise Failure(401, "SESSION_PASSWORD_NEEDED")
    return _authorise(world, call)


def _get_password(world: World, call: Call) -> Any:
    always: dict[str, Any] = {
        "new_algo": types.PasswordKdfAlgoUnknown(),
        "new_secure_algo": types.SecurePasswordKdfAlgoUnknown(),
        "secure_random": secrets.token_bytes(256),
    }
    if world.account.password is None:
        return types.account.Password(**always)
    check = world.password_check = PasswordCheck(world.account.password)
    return types.account.Password(
        **always,
        has_password=True,
        current_algo=check.algo,
        srp_B=check.public,
        srp_id=check.srp_id,
        hint="sandbox",
    )


def _check_password(world: World, call: Call) -> Any:
    check = world.password_check
    if check is None or not check.accepts(call.request.password):
        raise Failure(400, "PASSWORD_HASH_INVALID")
    return _authorise(world, call)


def _authorise(world: World, call: Call) -> Any:
    call.device.state = KeyState.AUTHORISED
    call.device.phone_code_hash = ""
    return types.auth.Authorization(user=world.account.user())


def _log_out(world: World, call: Call) -> Any:
    call.device.state = KeyState.NEW
    return types.auth.LoggedOut()


OPEN_METHODS: Final[dict[type, Callable[[World, Call], Any]]] = {
    functions.help.GetConfigRequest: _get_config,
    functions.help.GetNearestDcRequest: _get_nearest_dc,
    functions.help.GetAppConfigRequest: _get_app_config,
    functions.auth.SendCodeRequest: _send_code,
    functions.auth.ResendCodeRequest: _resend_code,
    functions.auth.SignInRequest: _sign_in,
    functions.auth.CheckPasswordRequest: _check_password,
    functions.auth.LogOutRequest: _log_out,
    functions.account.GetPasswordRequest: _get_password,
}
