// The one place in lib/client where Boost.Asio is compiled.
#include <boost/asio/impl/src.hpp>
