// What time and enemies do to media that nobody writes at the moment.
#pragma once

#include "drive.h"
#include "mail.h"

namespace wcmp::sim {

// One byte of one bundle is another one. Answers whether there was one.
bool rot(Side& side, io::Directory& directory, Dice& dice);
// One byte of a file of the store that is no bundle.
bool rot_in_file(Side& side, io::Directory& directory, const std::string& name, Dice& dice);

// Puts bundles on a drive as somebody else's program would. What does not fit is left out.
class Enemy {
public:
    Enemy(Drive& drive, Mail& mail, Dice& dice, Day today)
        : drive_(drive), mail_(mail), dice_(dice), today_(today) {}

    // Live messages of one size, up to so many bytes, in few bundles or in very many.
    void flood(std::uint64_t bytes);
    // Claims to hold messages that others have, and has not.
    void claim(const Messages& of_others);
    // Dead, beyond the horizon, or shorter than a message can be.
    void put_refused();
    // Void, cut off, of another format, of names that are none.
    void put_rubbish();

private:
    bool put(const std::string& name, ByteView bytes);
    bool put(const std::vector<bundle::test::Sample>& messages);

    Drive& drive_;
    Mail& mail_;
    Dice& dice_;
    Day today_;
};

}  // namespace wcmp::sim
