#include "payload/storage.h"
