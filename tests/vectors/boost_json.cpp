// The one place where the tests compile Boost.JSON, which is used here as headers.
#include <boost/json/src.hpp>
