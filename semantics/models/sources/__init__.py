"""Generated classes, one module a schema: gs1_product, odrl, prov. Do not edit."""
