--- Headers of pages that run only scripts and styles of this server, and talk to nobody else: what
-- somebody has smuggled into such a page stays text.

local M = {}

--- Headers for the answers with a page.
---@param frames? string who may show the page in a frame, as policies have it; default: nobody
---@return table<string, string>
function M.of_page(frames)
  return {
    ["content-type"] = "text/html; charset=utf-8",
    ["content-security-policy"] = "default-src 'none'; script-src 'self'; style-src 'self'; "
      .. "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
      .. "frame-ancestors " .. (frames or "'none'"),
    ["x-content-type-options"] = "nosniff",
    ["referrer-policy"] = "no-referrer",
    ["cache-control"] = "no-cache",
  }
end

return M
