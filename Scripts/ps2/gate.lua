--- Who may see the page of the triggers: whoever sits at this machine; others only with the token.

return require("lib.gate").new "token"
