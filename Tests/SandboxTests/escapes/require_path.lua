-- require finds nothing outside of the package.
-- expect: error is not loaded

require('../../../etc/passwd')
