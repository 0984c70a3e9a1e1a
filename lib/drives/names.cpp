#include "drives/names.h"

#include <functional>

namespace wcmp::drives {
namespace {

bool counts(std::string_view name) {
    return name.ends_with(".wcmp");
}

std::uint64_t hash_of(std::string_view name) {
    return std::hash<std::string_view>{}(name);
}

}  // namespace

void Names::add(std::string_view name) {
    if (!counts(name)) return;
    ++count_;
    sum_ += hash_of(name);
}

void Names::remove(std::string_view name) {
    if (!counts(name)) return;
    --count_;
    sum_ -= hash_of(name);
}

Result<Names> list_names(const io::Directory& root, std::string_view folder) {
    Names names;
    const auto directory = root.open_directory(folder);
    if (!directory) {
        if (directory.error().code == Errc::not_found) return names;
        return std::unexpected(directory.error());
    }
    names.prepared = true;
    WCMP_TRY((*directory)->list([&](std::string_view name) { names.add(name); }));
    return names;
}

}  // namespace wcmp::drives
