#include "store/state_file.h"

#include "core/crc32c.h"
#include "core/cursor.h"
#include "core/writer.h"

namespace wcmp::store {
namespace {

constexpr std::array<std::uint8_t, 8> magic{'W', 'C', 'M', 'P', 'S', 'T', 'A', '1'};
constexpr std::size_t checked_bytes = 8 + 1 + 4 + 32 + 8 + 1 + 4 + 4;
constexpr std::size_t state_bytes = checked_bytes + 4;

// A flag is 0 or 1 and nothing else.
Result<bool> read_flag(Cursor& cursor) {
    WCMP_ASSIGN(const auto flag, cursor.u8());
    if (flag > 1) return fail(Errc::invalid, "the state file is damaged");
    return flag == 1;
}

Result<State> parse_fields(Cursor cursor) {
    State state;
    WCMP_ASSIGN(const auto has_high_water, read_flag(cursor));
    WCMP_ASSIGN(const auto high_water, cursor.u32());
    if (has_high_water) state.high_water = Day{high_water};
    WCMP_ASSIGN(const auto salt, cursor.take(state.eviction_salt.size()));
    std::ranges::copy(salt, state.eviction_salt.begin());
    WCMP_ASSIGN(state.eviction_threshold, cursor.u64());
    WCMP_ASSIGN(const auto has_ahead, read_flag(cursor));
    WCMP_ASSIGN(const auto hours, cursor.u32());
    WCMP_ASSIGN(const auto day, cursor.u32());
    if (has_ahead) state.ahead = AheadCount{hours, Day{day}};
    return state;
}

}  // namespace

Bytes encode_state(const State& state) {
    Bytes bytes;
    bytes.reserve(state_bytes);
    Writer writer(bytes);
    writer.bytes(magic);
    writer.u8(state.high_water ? 1 : 0);
    writer.u32(state.high_water.value_or(Day{}).number);
    writer.bytes(state.eviction_salt);
    writer.u64(state.eviction_threshold);
    const auto ahead = state.ahead.value_or(AheadCount{});
    writer.u8(state.ahead ? 1 : 0);
    writer.u32(ahead.hours);
    writer.u32(ahead.day.number);
    writer.u32(crc32c(bytes));
    return bytes;
}

Result<State> decode_state(ByteView bytes) {
    if (bytes.size() != state_bytes) return fail(Errc::invalid, "the state file has the wrong size");
    Cursor end(bytes.subspan(checked_bytes));
    WCMP_ASSIGN(const auto checksum, end.u32());
    if (checksum != crc32c(bytes.first(checked_bytes)) || !std::ranges::equal(bytes.first(8), magic))
        return fail(Errc::invalid, "the state file is damaged");
    return parse_fields(Cursor(bytes.subspan(8)));
}

Result<State> load_state(const io::Directory& directory) {
    WCMP_ASSIGN(const auto file, directory.open(state_name));
    Bytes bytes(state_bytes + 1);
    WCMP_ASSIGN(const auto length, file->read_at(0, bytes));
    return decode_state(ByteView(bytes).first(length));
}

Result<void> save_state(io::Directory& directory, const State& state) {
    if (const auto removed = directory.unlink(state_draft_name);
        !removed && removed.error().code != Errc::not_found)
        return removed;
    WCMP_ASSIGN(auto draft, directory.create(state_draft_name));
    WCMP_TRY(draft->write_at(0, encode_state(state)));
    WCMP_TRY(draft->set_constant_times());
    WCMP_TRY(draft->sync());
    WCMP_TRY(directory.rename(state_draft_name, state_name));
    WCMP_TRY(draft->sync());
    return directory.sync();
}

}  // namespace wcmp::store
