extends SceneTree
# Plays in the lobby of clients/godot against a live server, without a screen. run.sh starts the server, runs this in a copy of
# the project, and starts the server again in between.
#
#   godot3-server --path PROJECT -s res://lobby_test.gd --server=http://127.0.0.1:PORT --restart=FILE
#
# Prints one line per rule; exit status 0 when all hold.

const WAIT := 20000 # milliseconds until something that should come is given up

var lobby: Node
var session: Node
var states := []
var phases := []
var refusals := []
var failures := 0


func _init() -> void:
	# A script cannot wait in here: once the tree runs.
	call_deferred("_run")


func _run() -> void:
	lobby = load("res://lobby/lobby.tscn").instance()
	root.add_child(lobby)
	session = lobby.session
	session.connect("state_changed", self, "_note_state")
	session.connect("phase_changed", self, "_note_phase")
	session.connect("refused", self, "_note_refusal")
	yield(_play(), "completed")
	print("all checks hold" if failures == 0 else "%d checks failed" % failures)
	quit(0 if failures == 0 else 1)


func _note_state(state: Dictionary, first: bool) -> void:
	states.append({"state": state, "first": first})


func _note_phase(phase: String, wait: int, code: int) -> void:
	phases.append({"phase": phase, "wait": wait, "code": code})


func _note_refusal(code: String, _message: String, re: String) -> void:
	refusals.append({"code": code, "re": re})


func _check(rule: String, holds: bool, note := "") -> void:
	print("%s  %s%s" % ["ok  " if holds else "FAIL", rule, " (%s)" % note if note else ""])
	if not holds:
		failures += 1


# Waits until a method of this script says yes; false when it does not in time.
func _until(method: String, argument = null) -> bool:
	var end := OS.get_ticks_msec() + WAIT
	while not call(method, argument):
		if OS.get_ticks_msec() > end:
			print("waited in vain for: %s %s" % [method, argument if argument != null else ""])
			return false
		yield(self, "idle_frame")
	yield(self, "idle_frame")
	return true


func _online(_argument) -> bool:
	return session.is_online()


func _listed(id) -> bool:
	return lobby.list.has_node(id)


func _in_state(name) -> bool:
	return not session.is_busy() and session.loading == "" and session.state.get("gamestate", {}).get("name", "none") == name


func _more_refusals(count) -> bool:
	return refusals.size() > count


func _taken_up(id) -> bool:
	return session.is_online() and _in_state(session.state.get("gamestate", {}).get("name")) and session.state.gamestate.id == id


func _restarted(file) -> bool:
	return not File.new().file_exists(file)


func _credits() -> int:
	return session.state.wallet.credits


func _press(button: String) -> void:
	lobby.table.get_node("Buttons/" + button).emit_signal("pressed")


func _play():
	yield(self, "idle_frame")
	_check("the lobby connects", yield(_until("_online"), "completed"))
	_check("games with a package are listed, others are not", yield(_until("_listed", "joker_bingo"), "completed") and not lobby.games.has("coin_toss"))
	_check("the project has no such game by itself", not ResourceLoader.exists("res://games/joker_bingo/main.tscn"))

	lobby.list.get_node("joker_bingo").emit_signal("pressed")
	_check("a chosen game's package is loaded and its scene shown", yield(_until("_in_state", "idle"), "completed") and lobby.table != null)
	_check("four cards of fifteen numbers", lobby.table.get_node("Cards").get_child_count() == 4 and lobby.table.get_node("Cards").get_child(3).get_child_count() == 15)
	_check("an action that is not offered cannot be pressed", lobby.table.get_node("Buttons/end").disabled)

	var before := _credits()
	_press("bet")
	_check("until the answer has come nothing else is sent", session.is_busy() and not session.act("cards"))
	_check("a bet costs its stake", yield(_until("_in_state", "game"), "completed") and _credits() == before - 4, "%d credits" % _credits())
	_check("credits are whole numbers", typeof(session.state.wallet.credits) == TYPE_INT)

	var id: String = session.state.gamestate.id
	session.finish()
	_check("leaving during a round is refused and changes nothing", yield(_until("_more_refusals", 0), "completed") and refusals[0].code == "finish_refused" and refusals[0].re == "gamefinish" and session.state.gamestate.id == id)
	yield(_until("_in_state", "game"), "completed")
	session._put({"t": "action", "action": "end", "sid": "an older one"})
	_check("an action for a state that is past is refused", yield(_until("_more_refusals", 1), "completed") and refusals[1].code == "stale_state")

	yield(_interruption(id), "completed")

	before = _credits()
	var won: int = session.state.gamestate.data.total_winnings
	_press("end")
	_check("collecting pays the winnings", yield(_until("_in_state", "idle"), "completed") and _credits() == before + won, "won %d" % won)
	session.finish()
	_check("a state without a game closes its scene", yield(_until("_in_state", "none"), "completed") and lobby.table == null and lobby.list.visible)
	lobby.open("joker_bingo")
	_check("a package is loaded once", yield(_until("_in_state", "idle"), "completed") and lobby.table != null)
	_check("an unknown game is refused", not lobby.games.has("nothing") and session.load_game("nothing") and yield(_until("_more_refusals", 2), "completed") and refusals[2].code == "unknown_game" and session.game == "joker_bingo")
	session.close()
	_check("a session that was closed stays closed", session.phase == "closed" and not session.act("bet"))


# The server goes away and comes back: the round stands as it stood, with the same id.
func _interruption(id: String):
	var seen := phases.size()
	var file := ""
	for argument in OS.get_cmdline_args():
		if argument.begins_with("--restart="):
			file = argument.substr(10)
	var wish := File.new()
	wish.open(file, File.WRITE)
	wish.store_line("restart, please")
	wish.close()
	_check("the server was started again", yield(_until("_restarted", file), "completed"))
	_check("a lost connection comes back with the round as it was", yield(_until("_taken_up", id), "completed"))
	var waits := []
	var code := 0
	for change in phases.slice(seen, phases.size() - 1):
		if change.phase == "waiting":
			waits.append(change.wait)
			code = change.code if change.code else code
	_check("it tried again by itself after a pause", not waits.empty() and waits[0] >= 300, "%s ms, code %d" % [waits, code])
	_check("a restart is told by its code", code == 1001)
	_check("its state is marked as the first one", states[-1].first)
