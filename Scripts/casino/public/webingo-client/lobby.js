// On to the lobby, with the site that the address names.
location.replace("/" + location.search);
