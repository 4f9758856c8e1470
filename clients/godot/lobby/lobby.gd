extends Control
# A minimal lobby: lists the games of a site that have a package (.pck), loads the package that is chosen, and hands its scene
# the session. A package for the game ID holds res://games/ID/main.tscn, whose root has a variable `session`.
#
# Where the server is: --server=http://… and --site=… on the command line, or the two variables here.

export var server := "http://127.0.0.1:8080"
export var site := "demo"

# What the server says of its games, by id; the open one's scene.
var games := {}
var table: Node = null
# Ids of packages that are loaded already; Godot keeps them until it ends.
var _loaded := {}
var _wanted := ""

onready var session := $Session
onready var list := $Page/Games


func _ready() -> void:
	for argument in OS.get_cmdline_args():
		if argument.begins_with("--server="):
			server = argument.substr(9)
		elif argument.begins_with("--site="):
			site = argument.substr(7)
	session.url = server.replace("http", "ws") + "/session/ws"
	session.site = site
	session.auth = {"uid": _player()}
	session.connect("state_changed", self, "_on_state")
	session.connect("refused", self, "_on_refused")
	session.connect("phase_changed", self, "_on_phase")
	$List.connect("request_completed", self, "_on_list")
	$Packages.connect("request_completed", self, "_on_package")
	$Page/Top/Leave.connect("pressed", session, "finish")
	session.start()
	$List.request("%s/lobby/games?site=%s" % [server, site.percent_encode()])


# A name that this computer keeps: the platform "demo" takes any.
func _player() -> String:
	var file := File.new()
	if file.open("user://player", File.READ) == OK:
		return file.get_line()
	var random := RandomNumberGenerator.new()
	random.randomize()
	var id := "godot-%08x%08x" % [random.randi(), random.randi()]
	if file.open("user://player", File.WRITE) == OK:
		file.store_line(id)
	return id


func _on_list(_result: int, code: int, _headers: PoolStringArray, body: PoolByteArray) -> void:
	if code != 200:
		_tell("The server does not tell its games (status %d)." % code)
		return
	var answer: Dictionary = JSON.parse(body.get_string_from_utf8()).result
	$Page/Top/Title.text = answer.title
	for game in answer.games:
		if not game.has("pck"):
			continue # nothing to be loaded; it is played in a browser
		games[game.id] = game
		var button := Button.new()
		button.name = game.id
		button.text = game.title
		button.hint_tooltip = game.get("description", "")
		button.rect_min_size = Vector2(0, 48)
		button.connect("pressed", self, "open", [game.id])
		list.add_child(button)
	if games.empty():
		_tell("This site offers no packages.")


# Opens a game: its package first, unless that is here already.
func open(id: String) -> void:
	_wanted = id
	if _loaded.has(id):
		_enter()
		return
	_tell("Loading %s …" % games[id].title)
	$Packages.download_file = "user://%s.pck" % id
	if $Packages.request(server + games[id].pck) != OK:
		_tell("The package of %s cannot be loaded now." % games[id].title)


func _on_package(_result: int, code: int, _headers: PoolStringArray, _body: PoolByteArray) -> void:
	var title: String = games[_wanted].title
	if code != 200:
		_tell("The package of %s is not there (status %d)." % [title, code])
	elif not ProjectSettings.load_resource_pack($Packages.download_file):
		_tell("What came for %s is no package." % title)
	elif not ResourceLoader.exists(_scene(_wanted)):
		_tell("The package of %s has no %s." % [title, _scene(_wanted)])
	else:
		_loaded[_wanted] = true
		_enter()


func _scene(id: String) -> String:
	return "res://games/%s/main.tscn" % id


func _enter() -> void:
	_tell("")
	if not session.load_game(_wanted):
		_tell("There is no connection at the moment. The game opens as soon as it is back.")


func _on_state(state: Dictionary, _first: bool) -> void:
	$Page/Top/Credits.text = session.format_credits(state.wallet.credits)
	if state.has("gamestate") and _loaded.has(state.curr_game):
		_show(state.curr_game, state)
	elif session.loading == "":
		_close() # a state without a gamestate: the game has ended


func _show(id: String, state: Dictionary) -> void:
	if table == null or table.name != id:
		_close()
		table = load(_scene(id)).instance()
		table.name = id
		table.session = session
		$Page/Table.add_child(table)
		$Page/Top/Title.text = games[id].title
	list.visible = false
	$Page/Top/Leave.visible = true
	table.update_state(state)


func _close() -> void:
	if table:
		$Page/Table.remove_child(table)
		table.queue_free()
		table = null
	list.visible = true
	$Page/Top/Leave.visible = false


func _on_refused(code: String, message: String, _re: String) -> void:
	match code:
		"insufficient_funds":
			_tell("Not enough credits for that.")
		"finish_refused":
			_tell("The round is still running: collect it first, then leave.")
		_:
			_tell(message if message else code)


func _on_phase(phase: String, _wait: int, _code: int) -> void:
	$Page/Top/Status.text = {"online": "Connected", "waiting": "Reconnecting …", "refused": "The server refuses this player."}.get(phase, "Connecting …")


func _tell(text: String) -> void:
	$Page/Told.text = text
