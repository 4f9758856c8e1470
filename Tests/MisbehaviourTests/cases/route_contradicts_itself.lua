-- Patterns that contradict each other: one name twice, a star in the middle, two names for one place.
-- expect: refused the parameter :a is there twice
local nightjar = require "nightjar"

nightjar.http.get("/route_contradicts_itself/:a/:a", print)
nightjar.http.get("/route_contradicts_itself/*/x", print)
nightjar.http.get("/route_contradicts_itself/:b/c", print)
nightjar.http.get("/route_contradicts_itself/:d/c", print)
return {}
