#include "drives/source.h"

namespace wcmp::drives {

std::string_view to_string(Kind kind) {
    switch (kind) {
    case Kind::directory: return "directory";
    case Kind::desktop: return "desktop";
    case Kind::mountd: return "mountd";
    }
    return "directory";
}

std::string_view to_string(FileSystemKind kind) {
    switch (kind) {
    case FileSystemKind::vfat: return "vfat";
    case FileSystemKind::exfat: return "exfat";
    case FileSystemKind::ext4: return "ext4";
    case FileSystemKind::other: return "other";
    }
    return "other";
}

std::string_view to_string(Readiness readiness) {
    switch (readiness) {
    case Readiness::ready: return "waiting";
    case Readiness::unsupported: return "unsupported";
    case Readiness::encrypted: return "encrypted";
    case Readiness::empty: return "empty";
    case Readiness::waiting: return "waiting";
    }
    return "waiting";
}

}  // namespace wcmp::drives
