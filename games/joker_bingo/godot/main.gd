extends VBoxContainer
# Joker Bingo in a lobby made with Godot: shows each state of the server and turns buttons into actions. What a round pays is
# the server's word alone.

const COLUMNS := 5
const PLAIN := Color(0.97, 0.93, 0.82)
const DRAWN := Color(0.95, 0.76, 0.31)

# Credits of a round: so many on each card.
export var stake_per_card := 1

# The lobby's session, set before the scene enters the tree.
var session: Node
var state := {}


func _ready() -> void:
	# The buttons are named after the actions.
	for button in $Buttons.get_children():
		button.connect("pressed", self, "_press", [button.name])


# Called by the lobby with every state of this game.
func update_state(new_state: Dictionary) -> void:
	state = new_state.gamestate
	var data: Dictionary = state.data
	var won: int = data.get("total_winnings", 0)
	$Told.text = "Place your bet"
	if state.name == "game":
		$Told.text = "You win %s" % session.format_credits(won) if won > 0 else "No win so far"
	var balls := PoolStringArray()
	for ball in data.balls:
		balls.append(str(ball))
	$Balls.text = balls.join("  ")
	_show_cards(data.cards, data.balls)
	for button in $Buttons.get_children():
		button.disabled = not button.name in state.actions
	$Buttons/bet.text = "Bet %s" % session.format_credits(_stake())
	$Buttons/extra.text = "Extra ball %s" % session.format_credits(int(data.get("extra_cost", 0)))


func _stake() -> int:
	return stake_per_card * state.data.cards.size()


func _press(action: String) -> void:
	session.act(action, {"amount": _stake()} if action == "bet" else {})


func _show_cards(cards: Array, balls: Array) -> void:
	for old in $Cards.get_children():
		$Cards.remove_child(old)
		old.queue_free()
	for numbers in cards:
		var card := GridContainer.new()
		card.columns = COLUMNS
		card.add_constant_override("hseparation", 18)
		for number in numbers:
			var label := Label.new()
			label.text = "%2d" % number
			label.add_color_override("font_color", DRAWN if number in balls else PLAIN)
			card.add_child(label)
		$Cards.add_child(card)
