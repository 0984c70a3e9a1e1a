#include "drives/recording_directory.h"

#include "drives/forwarding_directory.h"

namespace wcmp::drives {

void Recorder::created(std::string_view name) {
    const std::scoped_lock guard(mutex_);
    names_.add(name);
}

void Recorder::unlinked(std::string_view name) {
    const std::scoped_lock guard(mutex_);
    names_.remove(name);
}

void Recorder::prepared() {
    const std::scoped_lock guard(mutex_);
    names_.prepared = true;
}

Names Recorder::names() const {
    const std::scoped_lock guard(mutex_);
    return names_;
}

namespace {

using io::Directory;

class RecordingFolder final : public ForwardingDirectory {
public:
    RecordingFolder(std::unique_ptr<Directory> inner, std::shared_ptr<Recorder> recorder)
        : ForwardingDirectory(std::move(inner)), recorder_(std::move(recorder)) {}

    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override {
        auto file = ForwardingDirectory::create(name);
        if (file) recorder_->created(name);
        return file;
    }

    Result<void> unlink(std::string_view name) override {
        const auto done = ForwardingDirectory::unlink(name);
        if (done) recorder_->unlinked(name);
        return done;
    }

private:
    std::shared_ptr<Recorder> recorder_;
};

class RecordingRoot final : public ForwardingDirectory {
public:
    RecordingRoot(std::unique_ptr<Directory> inner, std::string folder, std::shared_ptr<Recorder> recorder)
        : ForwardingDirectory(std::move(inner)), folder_(std::move(folder)), recorder_(std::move(recorder)) {}

    Result<std::unique_ptr<Directory>> open_directory(std::string_view name) const override {
        auto directory = ForwardingDirectory::open_directory(name);
        if (!directory || name != folder_) return directory;
        return std::make_unique<RecordingFolder>(std::move(*directory), recorder_);
    }

    Result<void> make_directory(std::string_view name) override {
        const auto made = ForwardingDirectory::make_directory(name);
        if (made && name == folder_) recorder_->prepared();
        return made;
    }

private:
    std::string folder_;
    std::shared_ptr<Recorder> recorder_;
};

}  // namespace

std::unique_ptr<Directory> record(std::unique_ptr<Directory> root, std::string folder,
                                  std::shared_ptr<Recorder> recorder) {
    return std::make_unique<RecordingRoot>(std::move(root), std::move(folder), std::move(recorder));
}

}  // namespace wcmp::drives
