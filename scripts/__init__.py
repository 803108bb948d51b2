"""The subcommands of `catheter`: one file a command, thin over `custom` and the bundle; and tools for developers."""
