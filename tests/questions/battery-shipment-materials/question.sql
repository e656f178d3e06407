WITH part AS (
  SELECT MaterialDeclaration_id AS declaration, substance, share_value, share_unit, 'critical' AS why
    FROM dpp.MaterialDeclaration_materials WHERE is_critical
  UNION ALL SELECT MaterialDeclaration_id, substance, share_value, share_unit, 'hazardous' FROM dpp.MaterialDeclaration_hazardous_materials
), moved AS (
  SELECT event.*, item.value AS item FROM epcis_json.ObjectEvent AS event JOIN epcis_json.ObjectEvent_items AS item ON item.ObjectEvent_id = event.id
)
SELECT
  item.serial_number AS battery, place.address_locality AS made_in, sender.name AS sender, shipping.occurred_at AS sent,
  receiving.occurred_at AS arrived, receiving.located_at AS arrived_at,
  substr(part.substance, instr(part.substance, 'cas:') + 4) AS substance, part.share_value AS percent, part.why
FROM dpp.ProductItem AS item
JOIN dpp.ProductItem_production_sites AS site ON site.ProductItem_id = item.id
JOIN dpp.Place AS place ON place.id = site.site
JOIN dpp.MaterialDeclaration_about AS about ON about.value = item.id
JOIN part ON part.declaration = about.MaterialDeclaration_id AND part.share_unit = '%'
JOIN moved AS shipping ON shipping.item = item.id AND shipping.business_step_code = 'shipping'
JOIN epcis_json.ObjectEvent_transferred_from AS source ON source.ObjectEvent_id = shipping.id
JOIN dpp.Organisation AS sender ON sender.id = source.endpoint
JOIN moved AS receiving ON receiving.item = item.id AND receiving.business_step_code = 'receiving'
ORDER BY battery, why, CAST(percent AS REAL) DESC
