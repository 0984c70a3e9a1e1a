// Asio is compiled once, here, for every program that holds a node.
#include <boost/asio/impl/src.hpp>
