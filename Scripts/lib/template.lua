--- Text with `{{name}}` placeholders. Values are HTML-escaped, so they are safe between tags and
-- in quoted attributes.

local M = {}

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
  return (template:gsub("{{%s*([%w_]+)%s*}}", function(name)
    local value = values[name]
    if value == nil then error("the template wants a value for {{" .. name .. "}}", 0) end
    return M.escape(tostring(value))
  end))
end

return M
