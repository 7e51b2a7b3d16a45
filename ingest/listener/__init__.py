"""The one door to Telethon: posts of channels, live, missed and polled, as values of ours."""
