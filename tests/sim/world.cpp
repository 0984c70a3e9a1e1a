#include "world.h"

#include "core/limits.h"

#include <algorithm>

namespace wcmp::sim {
namespace {

constexpr std::uint32_t first_day = 20'400;
constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
constexpr std::uint64_t journals_bytes = 2 * limits::journal_file_bytes;

// How often something goes wrong: far more often than anywhere.
constexpr std::uint64_t disturbed_one_in = 3;

RelayTraits some_traits(Dice& dice) {
    RelayTraits traits{.build_day = {first_day - static_cast<std::uint32_t>(dice.mostly_small(600))}};
    traits.quota = dice.one_in(3) ? 64 * mebibyte : dice.between(100'000, 500'000);
    traits.capacity = journals_bytes + 256 * mebibyte;
    if (dice.one_in(3))
        traits.capacity =
            journals_bytes + 2 * limits::commit_reserve_bytes + dice.between(500'000, 3'000'000);
    traits.keep_free = dice.one_in(2) ? 0 : 600'000;
    if (dice.one_in(4)) traits.admission.lifetime_days_max = 30;
    if (dice.one_in(4)) traits.admission.message_bytes_max = 3000;
    constexpr std::array kinds{BoxClock::Kind::right, BoxClock::Kind::right, BoxClock::Kind::none,
                               BoxClock::Kind::none,  BoxClock::Kind::wrong, BoxClock::Kind::liar};
    traits.clock = kinds[dice.below(kinds.size())];
    return traits;
}

void put_on(Drive& drive, const bundle::test::Sample& message) {
    const auto bytes = bundle::test::sample_bundle({message});
    const auto name = bundle::to_string(bundle::test::open_bytes(bytes)->name());
    const auto file = drive.folder()->create(name);
    if (file)
        expect((*file)->write_at(0, bytes) && (*file)->sync() && drive.folder()->sync(), "sabotage failed");
}

}  // namespace

World::World(std::uint64_t seed, Sabotage sabotage)
    : dice_(seed), sabotage_(sabotage), mail_(seed + 1), now_(std::chrono::days(first_day)) {
    for (auto count = dice_.between(3, 6); count > 0; --count) make_relay();
    for (auto count = dice_.between(3, 7); count > 0; --count) make_drive();
}

void World::make_relay() {
    const auto name = "relay " + std::to_string(relays_.size());
    relays_.push_back(std::make_unique<Relay>(some_traits(dice_), dice_.next(), name));
    auto& relay = *relays_.back();
    relay.box_clock.boot(now_);
    boot(relay, {});
}

void World::make_drive() {
    constexpr std::array<std::uint64_t, 4> sizes{2'000'000, 4'000'000, 12'000'000, 256'000'000};
    const DriveTraits traits{.capacity = sizes[dice_.below(sizes.size())], .shared = dice_.one_in(5)};
    const auto name = "drive " + std::to_string(drives_.size());
    drives_.push_back(std::make_unique<Drive>(traits, dice_.next(), name));
}

std::uint32_t World::day() const {
    return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::days>(now_).time_since_epoch().count());
}

Drive& World::some_drive() {
    return *drives_[dice_.below(drives_.size())];
}

// Somebody switches one on where all are off.
Relay& World::some_relay() {
    auto& relay = *relays_[dice_.below(relays_.size())];
    if (!relay.is_on()) {
        relay.box_clock.boot(now_);
        boot(relay, {});
    }
    return relay;
}

Blow World::some_blow(bool with_drive) {
    if (!dice_.one_in(disturbed_one_in)) return Blow::none;
    constexpr std::array alone{Blow::power_cut, Blow::power_cut, Blow::store_refuses, Blow::store_unreadable};
    if (!with_drive) return alone[dice_.below(alone.size())];
    return static_cast<Blow>(dice_.between(1, blow_count - 1));
}

// At which call: at one of the first, or anywhere.
std::uint64_t World::some_call() {
    return dice_.one_in(2) ? dice_.below(12) : dice_.below(1 + dice_.below(300));
}

const Tally& World::tally() {
    tally_.written = mail_.count();
    return tally_;
}

void World::step() {
    ++tally_.steps;
    advance();
    const auto choice = dice_.below(100);
    if (choice < 45) {
        visit(some_relay(), some_drive(), some_blow(true));
    } else if (choice < 70) {
        send(some_relay());
    } else if (choice < 78) {
        tidy(some_relay(), some_drive(), some_blow(true));
    } else if (choice < 86) {
        maintain(some_relay());
    } else if (choice < 90) {
        shut_down(some_relay(), dice_.one_in(2));
    } else if (choice < 92) {
        flood();
    } else if (choice < 94) {
        rot_somewhere();
    } else if (choice < 97) {
        upset();
    } else {
        check_reading(some_relay());
    }
    if (sabotage_ != Sabotage::none && tally_.steps > 100 && dice_.one_in(10)) do_sabotage();
}

void World::come_together() {
    last_ = "all come together";
    for (int round = 0; round < 2; ++round)
        for (auto& drive : drives_)
            for (auto& relay : relays_) {
                if (!relay->is_on()) {
                    relay->box_clock.boot(now_);
                    boot(*relay, {});
                }
                visit(*relay, *drive, Blow::none);
            }
}

// Mostly minutes, now and then days.
void World::advance() {
    const auto minutes = dice_.one_in(50) ? dice_.below(6000) : dice_.mostly_small(240);
    pass(Seconds(60 * (1 + minutes)));
    mail_.forget_before({day() - 400});
}

// The relays look at their clocks once an hour at least.
void World::pass(Seconds time) {
    constexpr Seconds hour{3600};
    while (time > Seconds(0)) {
        const auto part = std::min(time, hour);
        now_ += part;
        time -= part;
        look_at_clocks();
    }
}

void World::look_at_clocks() {
    for (auto& pointer : relays_) {
        auto& relay = *pointer;
        if (!relay.is_on()) continue;
        const auto before = relay.rules();
        relay.box_clock.show(relay.clock, now_);
        auto event = event_of(relay);
        const auto looked = relay.look_at_clock();
        expect(looked.has_value(), "a look at the clock failed on " + relay.side.name);
        relay.days.looked(relay.clock, relay.rules());
        if (const auto high = relay.high_water()) relay.days.saved(*high);
        const auto after = relay.rules();
        if (after.floor == before.floor && after.trusted == before.trusted) continue;
        event.rules.push_back(after);
        oracle_.store_worked(relay.side, *relay.files.root(), event);
    }
}

void World::upset() {
    last_ = "clocks";
    auto& relay = some_relay();
    relay.box_clock.upset(now_);
    if (dice_.one_in(3)) {
        auto event = event_of(relay);
        expect(relay.set_day(std::max(true_day(), relay.traits.build_day)).has_value(), "the operator's day");
        relay.days.looked(relay.clock, relay.rules());
        event.rules.push_back(relay.rules());
        oracle_.store_worked(relay.side, *relay.files.root(), event);
    }
    look_at_clocks();
    auto& drive = some_drive();
    drive.read_only = dice_.one_in(4);
    drive.files.set_read_only(drive.read_only);
}

void World::rot_somewhere() {
    last_ = "rot";
    if (dice_.one_in(2)) {
        auto& drive = some_drive();
        if (drive.read_only || !rot(drive.side, *drive.folder(), dice_)) return;
        oracle_.altered(drive.side, *drive.folder());
    } else {
        auto& relay = *relays_[dice_.below(relays_.size())];
        const auto root = relay.files.root();
        constexpr std::array names{"journal-0", "journal-1", "state"};
        const bool other = !relay.is_on() && dice_.one_in(4);
        const bool done = other ? rot_in_file(relay.side, *root, names[dice_.below(names.size())], dice_)
                                : rot(relay.side, *root, dice_);
        if (!done) return;
        oracle_.altered(relay.side, *root);
    }
    ++tally_.rotted_files;
}

void World::flood() {
    last_ = "a flood";
    auto& drive = some_drive();
    if (drive.read_only) return;
    Enemy enemy(drive, mail_, dice_, true_day());
    const auto& of = *relays_[dice_.below(relays_.size())];
    switch (dice_.below(4)) {
    case 0: enemy.flood(std::min<std::uint64_t>(10 * of.traits.quota, 3 * mebibyte)); break;
    case 1: enemy.claim(of.side.seen.held); break;
    case 2: enemy.put_refused(); break;
    default: enemy.put_rubbish(); break;
    }
    oracle_.altered(drive.side, *drive.folder());
    ++tally_.floods;
}

// Something that must not be, of each kind that the oracle looks for.
void World::do_sabotage() {
    last_ = "sabotage";
    auto& relay = some_relay();
    auto& drive = some_drive();
    SeededRandom random(dice_.next());
    switch (sabotage_) {
    case Sabotage::none: return;
    case Sabotage::lose:
        for (const auto& [name, kind] : relay.side.seen.bundles)
            std::ignore = relay.files.root()->unlink(name);
        return;
    case Sabotage::invent:
        put_on(drive, bundle::test::sample_message(random, day() + 9));
        return oracle_.altered(drive.side, *drive.folder());
    case Sabotage::revive: return put_on(drive, mail_.write(true_day(), 700));
    case Sabotage::distrust: return relay.days.set_by_operator(relay.clock, {day() + 1});
    }
}

}  // namespace wcmp::sim
