extends SceneTree
# Makes the package of a game: all files of a folder, as res://games/ID/…
#
#   godot3-server --path clients/godot -s res://tools/pack.gd -- joker_bingo FOLDER PACKAGE.pck
#
# Scenes and scripts go in as they are. Pictures and sounds need the editor's import: export such a game from the editor
# (Project > Export > Export PCK/Zip) instead.


func _init() -> void:
	var arguments := Array(OS.get_cmdline_args())
	arguments = arguments.slice(arguments.find("--") + 1, arguments.size() - 1)
	if arguments.size() != 3:
		printerr("usage: godot3-server --path clients/godot -s res://tools/pack.gd -- ID FOLDER PACKAGE.pck")
		OS.exit_code = 2
		quit(2)
		return
	quit(0 if _pack(arguments[0], arguments[1], arguments[2]) else 1)


func _pack(id: String, folder: String, package: String) -> bool:
	var files := _files(folder, "")
	if files.empty():
		printerr("pack: there are no files in %s" % folder)
		return false
	var packer := PCKPacker.new()
	if packer.pck_start(package, 0) != OK:
		printerr("pack: cannot write %s" % package)
		return false
	for file in files:
		if packer.add_file("res://games/%s/%s" % [id, file], folder.plus_file(file)) != OK:
			printerr("pack: cannot read %s" % folder.plus_file(file))
			return false
	return packer.flush() == OK


# The files of a folder and those below it, sorted: the same folder makes the same package.
func _files(folder: String, below: String) -> Array:
	var found := []
	var directory := Directory.new()
	if directory.open(folder.plus_file(below)) != OK:
		return found
	directory.list_dir_begin(true, true)
	var name := directory.get_next()
	while name != "":
		var path := below.plus_file(name) if below else name
		if directory.current_is_dir():
			found += _files(folder, path)
		else:
			found.append(path)
		name = directory.get_next()
	found.sort()
	return found
