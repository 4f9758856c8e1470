local form = require "lib.form"

local T = {}

function T.fields_are_unescaped()
  local fields = form.fields("a=1&b%20c=x+y%26z&empty=&bare&a=2")
  assert(fields.a == "2" and fields["b c"] == "x y&z" and fields.empty == "" and fields.bare == "")
end

function T.what_is_no_escape_stays()
  assert(form.fields("a=100%&b=%zz").a == "100%")
  assert(form.fields("b=%zz").b == "%zz")
  assert(next(form.fields("")) == nil and next(form.fields("&&")) == nil)
end

function T.a_value_may_hold_what_separates()
  assert(form.fields("signed_request=abc.def==&x=y").signed_request == "abc.def==")
end

function T.no_more_fields_are_read_than_a_form_has()
  local parts = {}
  for index = 1, 1000 do parts[index] = "f" .. index .. "=" .. index end
  local fields, count = form.fields(table.concat(parts, "&")), 0
  for _ in pairs(fields) do count = count + 1 end
  assert(count == form.FIELDS_MAX)
end

function T.what_is_escaped_comes_back()
  for _, text in ipairs { "", "a b&c=d", "ü%+\0\n", "https://x.example/?a=1" } do
    assert(form.fields("v=" .. form.escape(text)).v == text)
  end
end

return T
