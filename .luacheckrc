-- Settings of luacheck for all Lua in this project. `make lint` runs it.
std = "lua54"
max_line_length = 100
codes = true

-- Hosts run scripts in a sandbox: what it lacks shall not be used.
not_globals = {
  "io", "debug", "package", "dofile", "loadfile", "collectgarbage",
  "os.execute", "os.exit", "os.getenv", "os.remove", "os.rename", "os.setlocale", "os.tmpname",
  "string.dump",
  "math.random", "math.randomseed", -- outcomes come from ctx.random or nightjar.random
}

include_files = { "Scripts/**/*.lua", "games/**/*.lua", "Benchmarks/**/*.lua" }

-- Written by the server from its own table of functions.
files["Scripts/meta/**"] = { ignore = { "." } }

-- Test functions are named by the rule they state.
files["**/spec/**"] = { max_line_length = 120 }
