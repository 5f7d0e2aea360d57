"""Where a person sits: the command line, help, descriptions, profiles, firms played from outside. No science, no measures."""
