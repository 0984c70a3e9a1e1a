#include "mischief.h"

#include "core/hex.h"

#include <algorithm>

namespace wcmp::sim {
namespace {

void alter(io::Directory& directory, const std::string& name, std::uint64_t at, std::uint8_t mask) {
    const auto file = directory.open_for_writing(name);
    expect(file.has_value(), "rot cannot open " + name);
    std::array<std::uint8_t, 1> byte{};
    expect(io::read_exactly(**file, at, byte).has_value(), "rot cannot read");
    byte[0] ^= mask;
    expect((*file)->write_at(at, byte) && (*file)->sync(), "rot cannot write");
}

// Header, index and messages alike, whatever their share of the bytes.
std::uint64_t place_to_rot(const SeenFile& file, Dice& dice) {
    if (dice.one_in(8)) return dice.below(64);
    if (dice.one_in(4) && file.body_at > 64) return dice.between(64, file.body_at - 1);
    return dice.below(file.bytes);
}

std::string some_name(Dice& dice, Day first, Day last) {
    std::array<std::uint8_t, 16> hash{};
    std::ranges::generate(hash, [&] { return static_cast<std::uint8_t>(dice.next()); });
    return std::to_string(first.number) + "-" + std::to_string(last.number) + "-" + to_hex(hash) + ".wcmp";
}

}  // namespace

bool rot(Side& side, io::Directory& directory, Dice& dice) {
    std::vector<std::string> names;
    for (const auto& [name, kind] : side.seen.bundles)
        if (kind == FileKind::valid) names.push_back(name);
    if (names.empty()) return false;
    const auto& name = names[dice.below(names.size())];
    const auto& file = *side.onlooker.file(name);
    for (const auto& [key, length] : file.good) side.buried.insert(key);
    alter(directory, name, place_to_rot(file, dice), static_cast<std::uint8_t>(1U << dice.below(8)));
    side.rotted = true;
    return true;
}

bool rot_in_file(Side& side, io::Directory& directory, const std::string& name, Dice& dice) {
    if (!side.seen.others.contains(name)) return false;
    const auto size = contents(directory, name).size();
    if (size == 0) return false;
    // Most of a journal is empty.
    alter(directory, name, dice.below(std::min<std::uint64_t>(size, 8192)), 1);
    side.rotted = true;
    return true;
}

bool Enemy::put(const std::string& name, ByteView bytes) {
    constexpr std::uint64_t slack = 8192;
    if (drive_.free_bytes() < bytes.size() + slack) return false;
    const auto folder = drive_.folder();
    const auto file = folder->create(name);
    if (!file) return false;
    expect((*file)->write_at(0, bytes) && (*file)->sync() && folder->sync(), "an enemy cannot write");
    return true;
}

bool Enemy::put(const std::vector<bundle::test::Sample>& messages) {
    const auto bytes = bundle::test::sample_bundle(messages);
    return put(bundle::to_string(bundle::test::open_bytes(bytes)->name()), bytes);
}

void Enemy::flood(std::uint64_t bytes) {
    // So many at most, or the sets of the oracle take all the time.
    constexpr std::uint64_t messages_max = 800;
    const auto length = std::max(256 + dice_.mostly_small(20'000), bytes / messages_max);
    const auto bundles = dice_.one_in(4) ? dice_.between(20, 120) : dice_.between(1, 4);
    const auto messages = 1 + bytes / length / bundles;
    for (std::uint64_t i = 0; i < bundles; ++i) {
        std::vector<bundle::test::Sample> some;
        for (std::uint64_t j = 0; j < messages; ++j)
            some.push_back(mail_.write(usual_expiry(dice_, today_), length));
        if (!put(some)) return;
    }
}

// A bundle whose index is sound over messages of zeros.
void Enemy::claim(const Messages& of_others) {
    std::map<std::uint32_t, std::vector<MessageKey>> by_length;
    for (const auto& [key, length] : of_others)
        if (dice_.one_in(3)) by_length[length].push_back(key);
    std::size_t made = 0;
    for (const auto& [length, keys] : by_length) {
        const auto bytes = bundle::test::hollow_bundle(keys, length);
        if (!put(bundle::to_string(bundle::test::open_bytes(bytes)->name()), bytes)) return;
        drive_.side.rotted = true;
        if (++made == 20) return;
    }
}

void Enemy::put_refused() {
    std::vector<bundle::test::Sample> some;
    for (auto count = dice_.between(1, 30); count > 0; --count) {
        const auto day =
            dice_.one_in(2) ? today_.number - dice_.below(30) : today_.number + 183 + dice_.below(400);
        some.push_back(mail_.write({static_cast<std::uint32_t>(day)}, 256 + dice_.below(2000)));
    }
    put(some);
    std::vector<bundle::test::Sample> runts{
        bundle::test::sample_message(dice_.random(), today_.number + 5, 100)};
    if (put(runts)) drive_.side.rotted = true;
}

void Enemy::put_rubbish() {
    Bytes noise(dice_.between(1, 5000));
    std::ranges::generate(noise, [&] { return static_cast<std::uint8_t>(dice_.next()); });
    put("holiday-" + std::to_string(dice_.below(5)) + ".jpg", noise);
    const Day last{today_.number + 9};
    put(some_name(dice_, today_, last), Bytes(dice_.below(3) * 64));
    put(some_name(dice_, today_, last), noise);
    Bytes cut = bundle::test::sample_bundle({mail_.write(last, 700), mail_.write(last, 900)});
    cut.resize(cut.size() - dice_.below(1000));
    put(some_name(dice_, last, last), cut);
    drive_.side.rotted = true;
}

}  // namespace wcmp::sim
