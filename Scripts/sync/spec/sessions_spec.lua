local nightjar = require "nightjar"
local sessions = require "sessions"

local T = {}

local function counts(book, id)
  local session = book.sessions[book.numbers[id]]
  return session.members, session.leaders
end

function T.members_and_leaders_are_counted()
  local book = sessions.new_book(0)
  local ann, bob = sessions.new_member("ann"), sessions.new_member("bob")
  sessions.join(book, ann, "s", true)
  sessions.join(book, bob, "s", false)
  local members, leaders = counts(book, "s")
  assert(members == 2 and leaders == 1 and book.count == 1)
  assert(ann.session == bob.session and ann.leader and not bob.leader)
end

function T.a_session_ends_with_its_last_member()
  local book = sessions.new_book(0)
  local ann, bob = sessions.new_member("ann"), sessions.new_member("bob")
  sessions.join(book, ann, "s", true)
  sessions.join(book, bob, "s", false)
  assert(sessions.leave(book, ann) == true)
  local members, leaders = counts(book, "s")
  assert(members == 1 and leaders == 0)
  assert(sessions.leave(book, bob) == false)
  assert(book.count == 0 and next(book.sessions) == nil and next(book.numbers) == nil)
end

function T.a_session_made_anew_has_another_number()
  local book, ann = sessions.new_book(0), sessions.new_member("ann")
  local first = sessions.join(book, ann, "s", true)
  sessions.leave(book, ann)
  assert(sessions.join(book, ann, "s", true) ~= first)
end

function T.a_role_counts_once()
  local book, ann = sessions.new_book(0), sessions.new_member("ann")
  sessions.join(book, ann, "s", false)
  for _ = 1, 3 do sessions.set_role(book, ann, true) end
  assert(select(2, counts(book, "s")) == 1)
  sessions.set_role(book, ann, false)
  assert(select(2, counts(book, "s")) == 0)
end

function T.too_many_sessions_are_refused_and_change_nothing()
  local book = sessions.new_book(0)
  for i = 1, sessions.SESSIONS_MAX do
    sessions.join(book, sessions.new_member("n"), "s" .. i, false)
  end
  local late = sessions.new_member("late")
  assert(sessions.join(book, late, "one more", false) == nil and late.session == nil)
  assert(book.count == sessions.SESSIONS_MAX and not book.numbers["one more"])
  assert(sessions.join(book, late, "s1", false), "one that is there can be joined")
end

--- Random joins, leaves and changes of role, compared with counting everybody each time.
function T.counts_are_right_after_any_walk()
  local book, members = sessions.new_book(0), {}
  for i = 1, 12 do members[i] = sessions.new_member("m" .. i) end
  for _ = 1, 3000 do
    local member = nightjar.random.pick(members)
    local leader = nightjar.random.integer(0, 1) == 1
    if not member.session then
      sessions.join(book, member, "s" .. nightjar.random.integer(1, 4), leader)
    elseif nightjar.random.integer(1, 3) == 1 then
      sessions.leave(book, member)
    else
      sessions.set_role(book, member, leader)
    end
    local counted, open = {}, 0
    for _, each in ipairs(members) do
      local number = each.session
      if number then
        if not counted[number] then
          counted[number] = { 0, 0 }
          open = open + 1
        end
        counted[number][1] = counted[number][1] + 1
        if each.leader then counted[number][2] = counted[number][2] + 1 end
      end
    end
    assert(open == book.count)
    for number, count in pairs(counted) do
      local session = book.sessions[number]
      assert(session.members == count[1] and session.leaders == count[2])
    end
  end
end

return T
