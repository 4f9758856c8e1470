local names = require "names"
local status = require "status"

local T = {}

function T.sizes_have_at_most_two_decimals()
  local expected = {
    [0] = "0 Bytes", [1] = "1 Bytes", [1023] = "1023 Bytes", [1024] = "1 KB", [1536] = "1.5 KB",
    [1260] = "1.23 KB", [10240] = "10 KB", [102400] = "100 KB", [1048576] = "1 MB",
    [1288490189] = "1.2 GB", [1 << 40] = "1 TB", [1 << 50] = "1 PB",
  }
  for bytes, text in pairs(expected) do assert(status.size(bytes) == text, status.size(bytes)) end
end

function T.the_page_has_these_lines()
  local page = status.page({ "Active sessions: 1", "Active sockets: 2" }, 1260, 12340)
  assert(page == "Sever is OK!\n<br>Active sessions: 1\n<br>Active sockets: 2\n"
    .. "<br>Data pushed total: 1.23 KB\n<br>Uptime: 12.34 sec", page)
end

function T.random_names_are_two_groups()
  for _ = 1, 100 do assert(names.random():find("^[0-9a-z][0-9a-z][0-9a-z]%.[0-9a-z]+$")) end
end

function T.names_are_cut_between_letters()
  assert(names.clean(("ä"):rep(60)) == ("ä"):rep(40))
  assert(names.clean("x" .. ("ä"):rep(60)) == "x" .. ("ä"):rep(39))
  assert(names.clean("Hunter") == "Hunter")
end

function T.names_stay_on_one_line()
  assert(names.clean("a\nb\tc\0") == "abc")
  assert(names.clean("") == nil and names.clean("\n") == nil and names.clean(5) == nil)
  assert(names.clean(nil) == nil)
end

return T
