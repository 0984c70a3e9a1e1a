// Every limit of the formats and of the programs, in one place, checked against each other.
// Units stand last in a name.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wcmp::limits {

// Messages (lib/message/FORMAT.md, sections 3 and 8).
inline constexpr std::size_t message_header_bytes = 39;
inline constexpr std::size_t message_bytes_min = 1543;                  // suite 1
inline constexpr std::size_t message_bytes_max = std::size_t{1} << 25;  // any suite
inline constexpr std::size_t opaque_message_bytes_min = 256;            // a suite that is not known
inline constexpr unsigned body_exp_min = 10;
inline constexpr unsigned body_exp_max = 24;
inline constexpr unsigned slot_exp_min = 2;
inline constexpr unsigned slot_exp_max = 8;
inline constexpr std::uint32_t horizon_days = 182;

// Bundles (lib/bundle/BUNDLE.md, sections 1 and 2).
inline constexpr std::size_t bundle_header_bytes = 64;
inline constexpr std::size_t bundle_day_bytes = 8;
inline constexpr std::size_t bundle_entry_bytes = 40;
inline constexpr std::uint32_t bundle_days_max = 4096;
inline constexpr std::uint32_t bundle_messages_max = std::uint32_t{1} << 24;
inline constexpr std::uint64_t bundle_bytes_limit = std::uint64_t{1} << 32;  // files are shorter than this
inline constexpr std::uint64_t bundle_cut_bytes = std::uint64_t{64} << 20;   // writers cut here
inline constexpr std::size_t drive_bundles_max = 4096;
inline constexpr std::uint32_t piece_copies_max = 65'536;  // of a visit's piece: they are in memory
inline constexpr std::size_t drive_read_bytes = std::size_t{256} << 10;     // one read from a drive
inline constexpr std::uint64_t flush_every_bytes = std::uint64_t{8} << 20;  // so that dirty pages stay few
inline constexpr std::size_t devices_max = 256;  // of one source; a hub full of card readers has 60
inline constexpr std::size_t drives_told_max =
    32;  // by wcmp-mountd, where each that is asked for has a thread
inline constexpr std::uint64_t commit_reserve_bytes = std::uint64_t{1} << 20;

// Absorption of small bundles (section 3, step 4).
inline constexpr std::uint64_t absorb_below_new_bytes = std::uint64_t{8} << 20;
inline constexpr std::uint64_t absorb_bundle_bytes_max = std::uint64_t{2} << 20;
inline constexpr std::uint64_t absorb_factor = 8;
inline constexpr std::uint64_t absorb_bytes_min = std::uint64_t{256} << 10;

// Displacement (section 3, step 4). Above the second, people would wait for it before the box.
inline constexpr std::uint64_t displaced_share = 8;  // 1/8 of what is there
inline constexpr std::uint64_t displaced_bytes_max = std::uint64_t{512} << 20;

// Upkeep (section 3, step 6, and section 6).
inline constexpr std::uint64_t upkeep_bundles_base = 8;
inline constexpr std::uint64_t upkeep_bytes_per_bundle = std::uint64_t{16} << 20;
inline constexpr std::uint64_t upkeep_dead_share = 4;       // a bundle with 1/4 dead bytes is rewritten
inline constexpr std::uint64_t upkeep_few_messages = 8;     // fewer do not stay alone in the store
inline constexpr unsigned upkeep_rounds_max = 8;            // each halves the bundles, or is the last
inline constexpr std::uint64_t upkeep_verified_share = 16;  // 1/16 of the bytes, at random
inline constexpr std::uint64_t upkeep_verified_bytes_max = std::uint64_t{64} << 20;

// Checked claims (section 3, step 1).
inline constexpr std::size_t claims_checked_per_bundle_max = 8;
inline constexpr std::size_t claims_checked_per_visit_max = 256;

// Inputs that vanish while a drive that others write too is read (section 2).
inline constexpr unsigned plans_again_max = 3;

// Media that fail (sections 3 and 8).
inline constexpr unsigned unreadable_in_a_row_max = 64;  // places that give nothing: then the medium is gone
inline constexpr std::size_t salvaged_per_round_max = 65'536;
inline constexpr std::uint64_t failing_bytes_max = std::uint64_t{64}
                                                   << 20;  // on drives that cannot be written

// What a visit may still read and write after its settings' share, to come to an end in good order.
inline constexpr std::uint64_t visit_overdraft_bytes = std::uint64_t{64} << 20;

// The store's journal (section 6).
inline constexpr std::size_t journal_file_bytes = std::size_t{4} << 20;
inline constexpr std::size_t journal_message_bytes_max = std::size_t{1}
                                                         << 20;  // larger ones become a bundle at once
inline constexpr std::size_t journal_fold_bytes = std::size_t{1} << 20;
inline constexpr std::size_t journal_group_max = 64;

// The socket (lib/api/API.md, "Limits and conduct").
inline constexpr std::size_t fetch_ids_max = 1000;
// {"ids":[...]}: 64 digits, two quotes and a comma an id, with room for white space.
inline constexpr std::size_t fetch_body_bytes_max = fetch_ids_max * 256 + 1024;
inline constexpr std::size_t uploads_at_once_max = 4;
inline constexpr std::size_t recognition_records_max = 100'000;
inline constexpr unsigned recognition_wait_s_max = 60;
inline constexpr std::size_t arrivals_ring = 65'536;
inline constexpr std::size_t request_head_bytes_max = 8192;
inline constexpr std::size_t request_head_lines_max = 64;
inline constexpr std::size_t connections_max = 64;
inline constexpr std::size_t connections_operator_reserve = 8;
inline constexpr std::size_t connections_per_uid_max = 16;

// Block devices.
inline constexpr unsigned drive_partitions_max = 16;  // of one disk; the rest are nobody's files
// What the kernel may keep for us while udev speaks faster than we listen: a bound, not an allocation.
inline constexpr int udev_receive_bytes = 16 << 20;
inline constexpr unsigned udev_events_per_turn_max = 256;

// What is read ahead of a bundle that is rewritten.
inline constexpr std::size_t eviction_buffer_bytes = std::size_t{1} << 20;

static_assert(message_bytes_min ==
              message_header_bytes + (1u << body_exp_min) + 32 + 96 * (1u << slot_exp_min) + 64);
static_assert(message_header_bytes + (1u << body_exp_max) + 32 + 96 * (1u << slot_exp_max) + 64 <=
              message_bytes_max);
static_assert(bundle_cut_bytes + message_bytes_max < bundle_bytes_limit);
static_assert(journal_message_bytes_max + 64 <= journal_file_bytes);
static_assert(absorb_bundle_bytes_max < bundle_cut_bytes);

}  // namespace wcmp::limits
