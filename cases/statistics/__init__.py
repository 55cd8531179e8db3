"""Leadership's numbers (统计): what they mean, and by what they are broken down. Reads cases, never writes them."""
