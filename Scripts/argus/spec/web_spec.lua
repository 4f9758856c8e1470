-- How requests are answered.

local equal = require("lib.testing").equal
local stand = require "spec.kit.stand"
local web = require "web"

local T = {}

function T.results_have_status_200()
  local answer = web.result "ok"
  equal({ answer.status, answer.body }, { 200, "ok" })
  equal(answer.headers["content-type"], "text/html; charset=utf-8")
end

function T.no_body_is_an_object_without_members_and_what_is_no_object_is_refused()
  equal(web.object(stand.request { body = "" }), {})
  equal(web.object(stand.request { body = '{"a":1}' }), { a = 1 })
  equal(web.object(stand.request { body = '{"a":"\\ud800b"}' }), { a = "\u{FFFD}b" })
  for _, body in ipairs { "{", "7", "null", '"x"', "{}{}" } do
    local object, refusal = web.object(stand.request { body = body })
    assert(object == nil and refusal.status == 400, body)
    equal(refusal.json.error.code, "invalid_json")
  end
end

function T.versions_are_texts_and_none_is_the_first()
  for _, version in ipairs { "1", "2" } do assert(web.speaks(version)) end
  assert(web.speaks(nil))
  for _, version in ipairs { "3", "", "1.0", 1, 2, true, {} } do
    assert(not web.speaks(version), tostring(version))
  end
end

function T.an_entity_tag_is_recognized_in_every_spelling()
  local etag = web.etag "text"
  assert(etag:find('^"%x+"$') and etag ~= web.etag "other")
  for _, given in ipairs { etag, "W/" .. etag, '"x", ' .. etag, "*" } do
    assert(web.has(stand.request { headers = { ["if-none-match"] = given } }, etag), given)
  end
  for _, given in ipairs { '"x"', "", etag:sub(2, -2) } do
    assert(not web.has(stand.request { headers = { ["if-none-match"] = given } }, etag), given)
  end
  assert(not web.has(stand.request {}, etag))
end

return T
