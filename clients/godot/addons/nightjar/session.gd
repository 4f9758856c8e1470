extends Node
# A player's session with the casino of a Nightjar server. Add it to the tree, set what it needs, call start():
#
#   var session = preload("res://addons/nightjar/session.gd").new()
#   session.url = "ws://127.0.0.1:8080/session/ws"
#   session.auth = { "uid": "ann" }
#   session.connect("state_changed", self, "_on_state")
#   add_child(session)
#   session.start()
#   session.load_game("joker_bingo")
#
# It opens the socket again whenever it is lost, with growing pauses that differ from player to player; it goes back into the
# game that was open; it names in every action the state that the player has seen, so that of two clicks only one can count; it
# holds back what is sent while an answer is awaited. docs/clients.md tells the rest.

# Everything there is to know, complete each time, as the server sends it: wallet, userdata, and with a game that is open
# curr_game and gamestate. `first`: of a new connection, or of the game that was taken up again on it.
signal state_changed(state, first)
# The server has refused a message of the type `re`: insufficient_funds, stale_state, finish_refused …
signal refused(code, message, re)
# A component of the session has something to tell, "jackpot" for instance.
signal component_message(which, message)
# "connecting", "online", "waiting" (lost; it tries again by itself after `wait` milliseconds), "refused" (the server would say
# no again: not tried any more; `code` is the code of the close), "closed" (by close()).
signal phase_changed(phase, wait, code)

# A pause before each try, from the first to the longest one, in milliseconds. Each is drawn from 0.75 to 1.25 times its
# length, so that players who lost their connections together do not come back together.
const RETRY_FIRST := 400
const RETRY_MAX := 10000
const RETRY_FACTOR := 1.7
# A server that starts again has closed everybody at the same moment: they come back spread over this time.
const RESTART_CODE := 1001
const RESTART_SPREAD := 2000
# No answer for so long is as good as no connection: a new one brings the true state.
const ANSWER_TIME := 10000
# The server would give the same answer again: player refused, no such site.
const FINAL_CODES := [4401, 4404]
# Kilobytes of the largest message that comes in; a state has some kilobytes.
const BUFFER_KB := 1024

# The session socket's address, and who plays where. `auth` is {uid, token, userinfo}, each of them optional; a game that has
# to fetch a new token for each connection sets it when the phase is "waiting".
export var url := "ws://127.0.0.1:8080/session/ws"
export var platform := "demo"
export var site := "demo"
var auth := {}

# The latest state; empty before the first one.
var state := {}
var phase := "idle"
# Id of the game to be in, also after a lost connection; "" for none.
var game := ""
# Id of the game that is being opened; "" when none is. A state without a gamestate only says then that the one before has ended.
var loading := ""

var _socket: WebSocketClient = null
# Counts the sockets: what an older one still tells is of no interest.
var _attempt := 0
var _close_code := 0
var _greeted := false
var _resuming := false
var _retry := float(RETRY_FIRST)
# When to try again, and until when an answer must come, by OS.get_ticks_msec(); 0 for never.
var _retry_at := 0
var _answer_by := 0
var _random := RandomNumberGenerator.new()


func _init() -> void:
	_random.randomize()


# Begins.
func start() -> void:
	if phase == "idle" or phase == "closed":
		_connect()


# Ends the session; start() begins another one.
func close() -> void:
	_drop()
	_set_phase("closed", 0, 0)


# Drops the connection and opens a new one at once.
func reconnect() -> void:
	_drop()
	_retry = RETRY_FIRST
	_connect()


# The server knows the player, and the connection stands.
func is_online() -> bool:
	return phase == "online"


# An answer is awaited: nothing can be sent but messages to components.
func is_busy() -> bool:
	return _answer_by > 0


# Opens a game, leaving the one that is open if its state allows. Remembered: without a connection it is opened as soon as there
# is one. False when it could not be sent now.
func load_game(id: String) -> bool:
	var sent := _ask({"t": "gameload", "gameid": id})
	if sent:
		loading = id
	if sent or not is_online():
		game = id
	return sent


# Does an action of the game, in the state that the player has seen. False when it could not be sent: no connection, no game,
# an answer is awaited.
func act(action: String, params := {}) -> bool:
	if not state.has("gamestate"):
		return false
	return _ask({"t": "action", "action": action, "params": params, "sid": state.gamestate.id})


# Leaves the game, if its state allows. False when it could not be sent.
func finish() -> bool:
	return _ask({"t": "gamefinish"})


# Sends a message to a component of the session. False when there is no connection.
func component(which: String, message: Dictionary) -> bool:
	return _send({"t": "component", "which": which, "message": message})


# An amount as text, as the wallet's denomination has it: 1234 is "US$ 12.34".
func format_credits(credits: int) -> String:
	var info: Dictionary = state.wallet.denom_info if state.has("wallet") else {}
	var value: float = credits * float(info.get("money_multiplier", 1))
	var text := ("%.0f" if info.get("integer", true) else "%.2f") % value
	return str(info.get("prefix", "")) + text + str(info.get("suffix", ""))


func _process(_delta: float) -> void:
	# Held here, because what it tells may be its own end.
	var socket := _socket
	if socket:
		socket.poll()
	var now := OS.get_ticks_msec()
	if _retry_at > 0 and now >= _retry_at:
		_connect()
	elif _answer_by > 0 and now >= _answer_by:
		reconnect()


func _exit_tree() -> void:
	_drop()


func _connect() -> void:
	_drop()
	_greeted = false
	_close_code = 0
	_attempt += 1
	_socket = WebSocketClient.new()
	_socket.set_buffers(BUFFER_KB, 256, 64, 256)
	_socket.connect("connection_established", self, "_on_established", [_attempt])
	_socket.connect("connection_error", self, "_on_lost", [_attempt])
	_socket.connect("connection_closed", self, "_on_closed", [_attempt])
	_socket.connect("server_close_request", self, "_on_close_request", [_attempt])
	_socket.connect("data_received", self, "_on_data", [_attempt])
	_set_phase("connecting", 0, 0)
	# The code of a stopping server is one that Godot takes for a broken frame, unless another one is asked for.
	if _socket and _socket.connect_to_url(url + ("&" if "?" in url else "?") + "stop_code=1001") != OK:
		_lost()


func _is_current(attempt: int) -> bool:
	return _socket != null and attempt == _attempt


func _on_established(_protocol: String, attempt: int) -> void:
	if not _is_current(attempt):
		return
	_socket.get_peer(1).set_write_mode(WebSocketPeer.WRITE_MODE_TEXT)
	var who := {"uid": "", "token": "", "userinfo": {}}
	for key in auth:
		who[key] = auth[key]
	_put({"auth": who, "platform": platform, "site": site})


func _on_close_request(code: int, _reason: String, attempt: int) -> void:
	if _is_current(attempt):
		_close_code = code


func _on_closed(_was_clean: bool, attempt: int) -> void:
	_on_lost(attempt)


func _on_lost(attempt: int) -> void:
	if _is_current(attempt):
		_lost()


func _on_data(attempt: int) -> void:
	while _is_current(attempt) and _socket.get_peer(1).get_available_packet_count() > 0:
		var parsed := JSON.parse(_socket.get_peer(1).get_packet().get_string_from_utf8())
		if parsed.error != OK or not parsed.result is Dictionary:
			continue
		var message: Dictionary = parsed.result
		match message.get("t"):
			"state":
				_received_state(message)
			"error":
				_received_error(message)
			"component":
				emit_signal("component_message", message.which, message.message)


func _received_state(message: Dictionary) -> void:
	var greeting := not _greeted
	var open := message.has("gamestate")
	var first := greeting or (_resuming and open)
	# JSON of Godot knows floats only.
	message.wallet.credits = int(message.wallet.credits)
	state = message
	_answer_by = 0
	if greeting:
		_greeted = true
		_retry = RETRY_FIRST
		_set_phase("online", 0, 0)
		# The game that was open stands where it stood; the server waits to be asked for it.
		if game != "" and not open:
			_resuming = load_game(game)
	elif open:
		loading = ""
		_resuming = false
		game = message.curr_game
	elif loading == "":
		game = ""
	else:
		_answer_by = OS.get_ticks_msec() + ANSWER_TIME # the game before has ended, the new one is still to come
	emit_signal("state_changed", message, first)


func _received_error(message: Dictionary) -> void:
	_answer_by = 0
	if loading != "":
		loading = ""
		_resuming = false
		game = state.get("curr_game", "")
	var code: String = message.code
	var attempt := _attempt
	emit_signal("refused", code, message.get("message", ""), message.get("re", ""))
	# Refused before the session began, and the server keeps the socket open: it may say yes later.
	if not _greeted and _is_current(attempt) and not code in ["auth_failed", "unknown_site", "unknown_platform"]:
		_lost()


# Sends what the server answers with a state or an error, one at a time.
func _ask(message: Dictionary) -> bool:
	if is_busy() or not _send(message):
		return false
	_answer_by = OS.get_ticks_msec() + ANSWER_TIME
	return true


func _send(message: Dictionary) -> bool:
	return is_online() and _put(message)


func _put(message: Dictionary) -> bool:
	return _socket.get_peer(1).put_packet(JSON.print(message).to_utf8()) == OK


func _drop() -> void:
	var socket := _socket
	_socket = null
	_retry_at = 0
	_answer_by = 0
	loading = ""
	_resuming = false
	if socket:
		socket.disconnect_from_host()


func _lost() -> void:
	var code := _close_code
	_drop()
	if code in FINAL_CODES:
		_set_phase("refused", 0, code)
		return
	var wait := _retry * _random.randf_range(0.75, 1.25)
	if code == RESTART_CODE:
		wait += _random.randf_range(0, RESTART_SPREAD)
	_retry = min(RETRY_MAX, _retry * RETRY_FACTOR)
	_retry_at = OS.get_ticks_msec() + int(wait)
	_set_phase("waiting", int(wait), code)


func _set_phase(now: String, wait: int, code: int) -> void:
	phase = now
	emit_signal("phase_changed", now, wait, code)
