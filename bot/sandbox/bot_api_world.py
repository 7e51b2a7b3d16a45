"""The people's side of the sandbox: chats appear, somebody writes, presses, blocks, expels.

All of it is synchronous and belongs to the server's event loop.
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.sandbox.bot_api_answers import JsonObject
from bot.sandbox.bot_api_members import member_json
from bot.sandbox.bot_api_model import Bot, Chat, Person, SandboxMessage, Standing
from bot.sandbox.bot_api_state import BotApiState
from bot.sandbox.bot_api_validate import command_entities


class BotApiWorld(BotApiState):
    # Who and where

    def add_bot(self, token: str, username: str) -> None:
        """`token` is «number:secret»; the number is the bot's user id."""
        user_id = int(token.partition(":")[0])
        person = Person(user_id=user_id, name=username, username=username, is_bot=True)
        self.bots[token] = Bot(token=token, person=person)
        self.people[user_id] = person

    def revoke(self, token: str) -> None:
        """From now on the token is answered 401; a poll that waits is ended by 409."""
        bot = self.bots.pop(token)
        if bot.poller is not None and not bot.poller.done():
            bot.poller.set_result(False)

    def add_person(
        self, user_id: int, name: str, *, username: str | None = None, language: str = "ru"
    ) -> None:
        self.people[user_id] = Person(
            user_id=user_id, name=name, username=username, language=language
        )

    def add_private_chat(
        self,
        chat_id: int,
        *,
        name: str,
        username: str | None = None,
        language: str = "ru",
        started: bool = True,
    ) -> None:
        """`started=False`: the person never wrote to the bot, which therefore may not write."""
        self.add_person(chat_id, name, username=username, language=language)
        standing = Standing.MEMBER if started else Standing.NOT_STARTED
        self.chats[chat_id] = Chat(
            chat_id=chat_id, kind="private", title=name, username=username, standing=standing
        )

    def add_group(
        self,
        chat_id: int,
        *,
        title: str,
        supergroup: bool = True,
        forum: bool = False,
        members: int = 3,
        admins: Iterable[int] = (),
        username: str | None = None,
    ) -> None:
        """The first admin is the creator. A bot's id among `admins` makes it one."""
        self.chats[chat_id] = Chat(
            chat_id=chat_id,
            kind="supergroup" if supergroup else "group",
            title=title,
            username=username,
            forum=forum,
            members=members,
            admins=list(admins),
        )

    def add_channel(
        self,
        chat_id: int,
        *,
        title: str,
        username: str | None = None,
        members: int = 100,
        admins: Iterable[int] = (),
    ) -> None:
        """A bot posts here only if its id is among `admins`."""
        self.chats[chat_id] = Chat(
            chat_id=chat_id,
            kind="channel",
            title=title,
            username=username,
            members=members,
            admins=list(admins),
        )

    def add_topic(self, chat_id: int, thread_id: int) -> None:
        """Also reopens a closed one."""
        self.chats[chat_id].open_topics[thread_id] = True

    def close_topic(self, chat_id: int, thread_id: int | None) -> None:
        """None: General, which has no thread."""
        if thread_id is None:
            self.chats[chat_id].general_open = False
        else:
            self.chats[chat_id].open_topics[thread_id] = False

    def delete_topic(self, chat_id: int, thread_id: int) -> None:
        del self.chats[chat_id].open_topics[thread_id]

    # What people do

    def say(
        self,
        chat_id: int,
        text: str,
        *,
        user_id: int | None = None,
        thread_id: int | None = None,
        reply_to: int | None = None,
        extra: JsonObject | None = None,
        to: str | None = None,
    ) -> int:
        """A person writes; every bot hears it (no privacy mode), or the bot of the token ``to``
        alone, as in its private chat. Returns the update's id.

        The author is `user_id`, else the person of a private chat, else the first admin;
        in a channel it is the channel. `extra` is laid over the message's JSON.
        """
        chat = self.chats[chat_id]
        if chat.standing is Standing.NOT_STARTED:
            chat.standing = Standing.MEMBER
        message = self.store(
            SandboxMessage(
                chat_id=chat_id,
                message_id=self.next_message_id(chat),
                author=None if chat.kind == "channel" else self._author(chat, user_id),
                text=text,
                entities=tuple(command_entities(text)),
                reply_markup=None,
                silent=False,
                thread_id=thread_id,
                reply_to=reply_to,
                sent_at=self.wall(),
                edited_at=None,
                edits=0,
                history=(text,),
            )
        )
        kind = "channel_post" if chat.kind == "channel" else "message"
        return self.update({kind: chat.message_json(message) | (extra or {})}, to=to)

    def press(self, chat_id: int, message_id: int, data: str, *, user_id: int) -> int:
        """A button is pressed. `data` may be forged. The query's id is str(update id)."""
        chat = self.chats[chat_id]
        message = chat.messages[message_id]
        update_id = next(self.update_ids)
        query = {
            "id": str(update_id),
            "from": self._author(chat, user_id).json(),
            "message": chat.message_json(message),
            "chat_instance": str(chat_id),
            "data": data,
        }
        self.queries.add(str(update_id))
        return self.update({"update_id": update_id, "callback_query": query})

    def update(self, raw: JsonObject, *, to: str | None = None) -> int:
        """Queues any update for the bots that allow its kind, as it is, broken or unknown.

        As with Telegram, what a bot has not allowed by its last getUpdates is lost.
        """
        update = dict(raw)
        update_id = int(update.setdefault("update_id", next(self.update_ids)))
        for bot in self.bots.values():
            if bot.wants(update) and to in (None, bot.token):
                bot.queue.append(update)
                if bot.poller is not None and not bot.poller.done():
                    bot.poller.set_result(True)
        self.notify()
        return update_id

    def block(self, chat_id: int) -> None:
        self._stand(chat_id, Standing.BLOCKED)

    def unblock(self, chat_id: int) -> None:
        self._stand(chat_id, Standing.MEMBER)

    def deactivate(self, chat_id: int) -> None:
        """The person's account is deleted; bots are not told."""
        self.chats[chat_id].standing = Standing.DEACTIVATED
        self.notify()

    def kick(self, chat_id: int) -> None:
        self._stand(chat_id, Standing.KICKED)

    def leave(self, chat_id: int) -> None:
        self._stand(chat_id, Standing.LEFT)

    def invite(self, chat_id: int) -> None:
        self._stand(chat_id, Standing.MEMBER)

    def mute(self, chat_id: int) -> None:
        self._stand(chat_id, Standing.MUTED)

    def unmute(self, chat_id: int) -> None:
        self._stand(chat_id, Standing.MEMBER)

    def migrate(self, chat_id: int, new_id: int) -> None:
        """The group becomes a supergroup; the messages of the old one stay behind."""
        old = self.chats[chat_id]
        new = replace(old, chat_id=new_id, kind="supergroup", messages={}, last_id=0)
        self.chats[new_id] = new
        old.migrated_to = new_id
        date = int(self.wall().timestamp())
        by = {"from": self._author(old, None).json(), "date": date}
        to_id, from_id = self.next_message_id(old), self.next_message_id(new)
        self.update(
            {
                "message": by
                | {"message_id": to_id, "chat": old.json()}
                | {"migrate_to_chat_id": new_id}
            }
        )
        self.update(
            {
                "message": by
                | {"message_id": from_id, "chat": new.json()}
                | {"migrate_from_chat_id": chat_id}
            }
        )

    def _stand(self, chat_id: int, standing: Standing) -> None:
        chat = self.chats[chat_id]
        befores = {bot.person.user_id: self._member_of(chat, bot) for bot in self.bots.values()}
        chat.standing = standing
        for bot in self.bots.values():
            self.update(
                {
                    "my_chat_member": {
                        "chat": chat.json(),
                        "from": self._author(chat, None).json(),
                        "date": int(self.wall().timestamp()),
                        "old_chat_member": befores[bot.person.user_id],
                        "new_chat_member": self._member_of(chat, bot),
                    }
                }
            )
        self.notify()

    def _member_of(self, chat: Chat, bot: Bot) -> JsonObject:
        return member_json(chat, bot.person)

    def _author(self, chat: Chat, user_id: int | None) -> Person:
        if user_id is None:
            user_id = chat.chat_id if chat.kind == "private" else next(iter(chat.admins), 1)
        chat.seen.add(user_id)
        return self.person(user_id)
