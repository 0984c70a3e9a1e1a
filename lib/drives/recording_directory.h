// A directory that notes what is changed through it, so that a visit's own changes are told from others'.
#pragma once

#include "drives/names.h"

#include <memory>
#include <mutex>

namespace wcmp::drives {

// The names that a drive must have when nobody but the visit changed any.
class Recorder {
public:
    explicit Recorder(const Names& names) : names_(names) {}

    void created(std::string_view name);
    void unlinked(std::string_view name);
    void prepared();
    Names names() const;

private:
    mutable std::mutex mutex_;
    Names names_;
};

// Wraps a drive's root: changes in `folder` are recorded, the others pass.
std::unique_ptr<io::Directory> record(std::unique_ptr<io::Directory> root, std::string folder,
                                      std::shared_ptr<Recorder> recorder);

}  // namespace wcmp::drives
