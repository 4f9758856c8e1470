-- Fetches from ports above 65535, below 0, and from what is no port.
-- trigger: get /fetch_port_too_large => 200 done
-- expect: no errors
local nightjar = require "nightjar"

nightjar.http.get("/fetch_port_too_large", function()
  for _, port in ipairs { "65536", "99999", "-1", "4294967376", "18446744073709551696", "1e3", "", "0", "x" } do
    pcall(nightjar.http.fetch, { url = "http://127.0.0.1:" .. port .. "/", timeout = 0.2 })
    pcall(nightjar.http.fetch, { url = "http://[::1]:" .. port .. "/", timeout = 0.2 })
  end
  return "done"
end)

return {}
