#include "drive.h"

#include "dice.h"

namespace wcmp::sim {
namespace {

constexpr std::string_view folder_name = "WCMP";

}  // namespace

Drive::Drive(const DriveTraits& drive_traits, std::uint64_t seed, std::string name)
    : traits(drive_traits), files(seed), side{.name = std::move(name)} {
    files.set_capacity(traits.capacity);
    const auto root = files.root();
    expect(root->make_directory(folder_name) && root->sync_file_system(), "cannot prepare a drive");
}

Result<std::unique_ptr<io::Directory>> Drive::open(drives::DriveId) {
    return bundle::test::watched(files.root(), watch);
}

Result<void> Drive::release(drives::DriveId) {
    return {};
}

std::unique_ptr<io::Directory> Drive::folder() const {
    auto folder = files.root()->open_directory(folder_name);
    expect(folder.has_value(), "a drive has lost its folder");
    return std::move(*folder);
}

std::uint64_t Drive::free_bytes() const {
    const auto space = files.root()->space();
    expect(space.has_value(), "a drive does not tell its space");
    return space->free_bytes;
}

void Drive::pull() {
    files.power_cut();
    side.onlooker.forget();
}

}  // namespace wcmp::sim
