#include "drives/recording_directory.h"

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

// Passes everything on.
class Forwarding : public Directory {
public:
    explicit Forwarding(std::unique_ptr<Directory> inner) : inner_(std::move(inner)) {}

    Result<void> list(const std::function<void(std::string_view)>& visit) const override {
        return inner_->list(visit);
    }
    Result<std::unique_ptr<io::ReadableFile>> open(std::string_view name) const override {
        return inner_->open(name);
    }
    Result<std::unique_ptr<io::WritableFile>> open_for_writing(std::string_view name) override {
        return inner_->open_for_writing(name);
    }
    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override {
        return inner_->create(name);
    }
    Result<std::unique_ptr<io::WritableFile>> create_unnamed() override { return inner_->create_unnamed(); }
    Result<void> unlink(std::string_view name) override { return inner_->unlink(name); }
    Result<void> rename(std::string_view from, std::string_view to) override {
        return inner_->rename(from, to);
    }
    Result<void> sync() override { return inner_->sync(); }
    Result<void> sync_file_system() override { return inner_->sync_file_system(); }
    Result<void> set_constant_times() override { return inner_->set_constant_times(); }
    Result<io::Space> space() const override { return inner_->space(); }
    Result<std::unique_ptr<io::Lock>> lock() override { return inner_->lock(); }
    Result<std::unique_ptr<Directory>> open_directory(std::string_view name) const override {
        return inner_->open_directory(name);
    }
    Result<void> make_directory(std::string_view name) override { return inner_->make_directory(name); }

private:
    std::unique_ptr<Directory> inner_;
};

class RecordingFolder final : public Forwarding {
public:
    RecordingFolder(std::unique_ptr<Directory> inner, std::shared_ptr<Recorder> recorder)
        : Forwarding(std::move(inner)), recorder_(std::move(recorder)) {}

    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override {
        auto file = Forwarding::create(name);
        if (file) recorder_->created(name);
        return file;
    }

    Result<void> unlink(std::string_view name) override {
        const auto done = Forwarding::unlink(name);
        if (done) recorder_->unlinked(name);
        return done;
    }

private:
    std::shared_ptr<Recorder> recorder_;
};

class RecordingRoot final : public Forwarding {
public:
    RecordingRoot(std::unique_ptr<Directory> inner, std::string folder, std::shared_ptr<Recorder> recorder)
        : Forwarding(std::move(inner)), folder_(std::move(folder)), recorder_(std::move(recorder)) {}

    Result<std::unique_ptr<Directory>> open_directory(std::string_view name) const override {
        auto directory = Forwarding::open_directory(name);
        if (!directory || name != folder_) return directory;
        return std::make_unique<RecordingFolder>(std::move(*directory), recorder_);
    }

    Result<void> make_directory(std::string_view name) override {
        const auto made = Forwarding::make_directory(name);
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
