"""Many designs at a time: judged in blocks, or bounded in boxes."""
