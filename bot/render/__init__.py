"""A region's situation as a chat sees it, made into messages: text and entities, no markup."""
