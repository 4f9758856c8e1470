--- Text with `{{name}}` placeholders. Values are HTML-escaped, so they are safe between tags and
-- in quoted attributes.

local M = {}

local PLACEHOLDER = "{{%s*([%w_]+)%s*}}"

local ENTITIES = {
  ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;",
}

--- Escapes text for HTML.
---@param text string
---@return string
function M.escape(text)
  return (text:gsub("[&<>\"']", ENTITIES))
end

--- Fills the placeholders. One without a value is an error: a page with holes should not go out.
---@param template string
---@param values table<string, string|number|boolean>
---@return string
function M.render(template, values)
  return (template:gsub(PLACEHOLDER, function(name)
    local value = values[name]
    if value == nil then error("the template wants a value for {{" .. name .. "}}", 0) end
    return M.escape(tostring(value))
  end))
end

--- The first placeholder that has no value, and its line; nil: all have one.
---@param template string
---@param values table<string, string|number|boolean>
---@return string? name
---@return integer? line
function M.missing(template, values)
  local line = 1
  for text in (template .. "\n"):gmatch "([^\n]*)\n" do
    for name in text:gmatch(PLACEHOLDER) do
      if values[name] == nil then return name, line end
    end
    line = line + 1
  end
  return nil
end

return M
