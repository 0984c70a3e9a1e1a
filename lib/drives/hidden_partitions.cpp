#include "drives/hidden_partitions.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace wcmp::drives {
namespace {

constexpr auto dos_types = std::to_array<std::string_view>({
    "0x5",  "0xf",  "0x85",                                  // extended: a table of partitions
    "0x0",  "0x11", "0x12", "0x14", "0x16", "0x17", "0x1b",  // hidden ones, and what makers put there
    "0x1c", "0x1e", "0x27", "0x3d", "0x84", "0x8d", "0x8e", "0x90", "0x91", "0x92", "0x93",
    "0x97", "0x98", "0x9a", "0x9b", "0xab", "0xbb", "0xc2", "0xc3", "0xdd", "0xef", "0xfd",
});

constexpr auto gpt_types = std::to_array<std::string_view>({
    "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",  // EFI system
    "21686148-6449-6e6f-744e-656564454649",  // BIOS boot
    "bc13c2ff-59e6-4262-a352-b275fd6f7172",  // extended boot loader
    "9e1a2d38-c612-4316-aa26-8b49521e5a8b",  // PReP boot
    "e3c9e316-0b5c-4db8-817d-f92df00215ae",  // Microsoft reserved
    "de94bba4-06d1-4d40-a16a-bfd50179d6ac",  // Windows recovery
    "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3",  // LDM metadata
    "af9b60a0-1431-4f62-bc68-3311714a69ad",  // LDM data
    "e75caf8f-f680-4cee-afa3-b001e56efc2d",  // Storage Spaces
    "426f6f74-0000-11aa-aa11-00306543ecac",  // Apple boot
    "52414944-0000-11aa-aa11-00306543ecac",  // Apple RAID
    "52414944-5f4f-11aa-aa11-00306543ecac",  // Apple RAID, offline
    "5265636f-7665-11aa-aa11-00306543ecac",  // Apple TV recovery
    "6a898cc3-1dd2-11b2-99a6-080020736631",  // ZFS
    "516e7cba-6ecf-11d6-8ff8-00022d09712b",  // ZFS of FreeBSD
    "a19d880f-05fc-4d3b-a006-743f0f84911e",  // Linux RAID
    "e6d6d379-f507-44c2-a23c-238f2a3df928",  // LVM
    "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f",  // swap
    "fe3a2a5d-4f32-41a7-b725-accc3285a309",  // ChromeOS kernel
    "3cb8e202-3b7e-47dd-8a3c-7ff2a13cfcec",  // ChromeOS root
    "2e0a753d-9e48-43b0-8337-b15192cb1b5e",  // ChromeOS, reserved
    "bfbfafe7-a34f-448a-9a5b-6213eb736c22",  // Lenovo boot
    "f4019732-066e-4e12-8273-346c5641494f",  // Sony boot
});

constexpr auto mac_types = std::to_array<std::string_view>({
    "Apple_partition_map",
    "Apple_Driver",
    "Apple_Free",
    "Apple_Boot",
    "Apple_Patches",
    "Apple_FWDriver",
});

constexpr auto contains = [](const auto& types, std::string_view type) {
    return std::ranges::find(types, type) != types.end();
};

// An image that is a CD and a disk at once has its files in a partition of type 0 (or, by an old mistake,
// 0x17). It is shown, as what it is: a stick with something on it that is not used here.
bool is_isohybrid(const Properties& partition) {
    const auto type = value_of(partition, "ID_PART_ENTRY_TYPE");
    const auto number = value_of(partition, "ID_PART_ENTRY_NUMBER");
    const auto file_system = value_of(partition, "ID_FS_TYPE");
    return (type == "0x0" || type == "0x17") && (number == "1" || number == "2") &&
           (file_system == "iso9660" || file_system == "udf");
}

// Attributes of a GPT entry: bit 0 "the platform needs it", 62 "hidden", 63 "not to be mounted by itself".
bool has_hiding_flag(const Properties& partition) {
    constexpr std::uint64_t hiding = 1ULL << 0 | 1ULL << 62 | 1ULL << 63;
    auto text = value_of(partition, "ID_PART_ENTRY_FLAGS");
    if (!text.starts_with("0x")) return false;
    text.remove_prefix(2);
    std::uint64_t flags = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), flags, 16);
    return read.ec != std::errc{} || read.ptr != text.data() + text.size() || (flags & hiding) != 0;
}

}  // namespace

bool is_hidden(const Properties& partition) {
    const auto scheme = value_of(partition, "ID_PART_ENTRY_SCHEME");
    const auto type = value_of(partition, "ID_PART_ENTRY_TYPE");
    if (scheme == "dos") return contains(dos_types, type) && !is_isohybrid(partition);
    if (scheme == "gpt") return contains(gpt_types, type) || has_hiding_flag(partition);
    if (scheme == "mac")
        return std::ranges::any_of(mac_types, [&](auto hidden) { return type.starts_with(hidden); });
    return false;
}

}  // namespace wcmp::drives
