// Where the daemon's drives come from, by its settings: configured directories, and what is plugged in.
#pragma once

#include "defaults.h"
#include "drives/desktop_source.h"
#include "drives/directory_source.h"
#include "drives/mountd_source.h"
#include "node/node.h"

#include <memory>

#include <boost/asio/io_context.hpp>

namespace wcmp::daemon {

class DriveSources {
public:
    // Outlives the node that it is added to.
    DriveSources(boost::asio::io_context& io, ServiceKind service, bool is_managed,
                 const settings::Settings& settings);

    void add_to(node::Node& node);
    // What may change without a new start: the directories.
    void configure(const settings::Settings& settings);
    // To those who stand before the machine, where wcmp-mountd has a light.
    void show(drives::Light light);

private:
    std::unique_ptr<drives::MountdSource> mountd_source(boost::asio::io_context& io,
                                                        const settings::Settings& settings);

    const bool expects_mounter_;
    node::Node* node_ = nullptr;
    drives::DriveNumbers numbers_;
    drives::DirectorySource directories_;
    std::unique_ptr<drives::MountdSource> mountd_;
    std::unique_ptr<drives::DesktopSource> desktop_;
};

}  // namespace wcmp::daemon
