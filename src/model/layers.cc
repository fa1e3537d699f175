#include "model/layers.h"
