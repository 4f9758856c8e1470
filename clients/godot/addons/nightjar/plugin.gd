tool
extends EditorPlugin
# Puts NightjarSession into the editor's list of nodes.


func _enter_tree() -> void:
	add_custom_type("NightjarSession", "Node", preload("session.gd"), null)


func _exit_tree() -> void:
	remove_custom_type("NightjarSession")
