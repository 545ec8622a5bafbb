"""From a TikTok frame to what a streamer's triggers are tried on."""
