// Relays and drives, people and enemies, and the time that goes by: one step after the other from one seed.
#pragma once

#include "mail.h"
#include "mischief.h"
#include "oracle.h"
#include "relay.h"
#include "strike.h"

#include <memory>
#include <vector>

namespace wcmp::sim {

// To see that the oracle sees: what the world does wrong on purpose.
enum class Sabotage : std::uint8_t { none, lose, invent, revive, distrust };

class World {
public:
    World(std::uint64_t seed, Sabotage sabotage);

    // Throws Failure.
    void step();
    // Every relay meets every drive twice, undisturbed: whatever is alive somewhere goes where rules let it.
    void come_together();

    std::uint32_t day() const;
    std::string last() const { return last_; }  // what the step was about
    const Tally& tally();

private:
    using RelayPointer = std::unique_ptr<Relay>;
    using DrivePointer = std::unique_ptr<Drive>;
    using Work = std::function<Result<void>()>;

    void make_relay();
    void make_drive();

    // Time.
    void advance();
    void pass(Seconds time);
    void look_at_clocks();
    void keep_house(Relay& relay);

    // A relay's store alone.
    void boot(Relay& relay, Event event);
    void shut_down(Relay& relay, bool power_cut);
    Event event_of(Relay& relay) const;
    // One operation, perhaps struck; what follows from it is checked.
    void work(Relay& relay, Event event, const Work& work, Blow blow = Blow::none);
    void after_strike(Relay& relay, Event& event, const Strike& strike);
    void send(Relay& relay);
    void hand_in(Relay& relay, std::size_t count, Event& event);
    void maintain(Relay& relay);

    // A relay and a drive.
    void visit(Relay& relay, Drive& drive, Blow blow);
    void visit_again(Relay& relay, Drive& drive);
    void tidy(Relay& relay, Drive& drive, Blow blow);
    void check_tidy(const Relay& relay, const Drive& drive, const node::VisitReport& report);
    void check_reading(Relay& relay);

    // Mischief.
    void flood();
    void rot_somewhere();
    void do_sabotage();
    void upset();

    Blow some_blow(bool with_drive);
    std::uint64_t some_call();
    Relay& some_relay();  // that is on
    Drive& some_drive();
    Day true_day() const { return {day()}; }

    // After a sync that failed the box is switched off before it starts again. Without that a name whose
    // directory could not be synced may be lost later (DECISIONS 39).
    static constexpr bool restarts_cut_power_ = true;

    Dice dice_;
    Sabotage sabotage_;
    Mail mail_;
    Tally tally_;
    Oracle oracle_{mail_, tally_};
    std::chrono::sys_seconds now_;
    std::vector<RelayPointer> relays_;
    std::vector<DrivePointer> drives_;
    std::string last_ = "the beginning";
};

}  // namespace wcmp::sim
