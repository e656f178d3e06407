WITH RECURSIVE shipped AS (   -- what is in a shipment: the units, and what was packed into them
  SELECT event.id AS shipping, event.occurred_at, place.name AS shipped_from, item.value AS thing
    FROM epcis_xml.ObjectEvent AS event
    JOIN epcis_xml.ObjectEvent_items AS item ON item.ObjectEvent_id = event.id
    JOIN epcis_xml.Place AS place ON place.id = event.located_at
    WHERE event.business_step_code = 'shipping'
  UNION SELECT shipped.shipping, shipped.occurred_at, shipped.shipped_from, child.value
    FROM shipped
    JOIN epcis_xml.AggregationEvent AS packing ON packing.parent_item = shipped.thing
    JOIN epcis_xml.AggregationEvent_child_items AS child ON child.AggregationEvent_id = packing.id
), supply AS (
  SELECT name AS what, device_patient AS who, NULL AS supplied, same_item AS thing FROM fhir_r4.MedicalDevice
  UNION ALL SELECT medication_code_label, subject, occurred_at, NULL FROM fhir_r4.MedicationDispense
  UNION ALL SELECT supplied_items_product_code_label, subject, occurred_at, unit.value
    FROM fhir_r4.SupplyDelivery AS delivery JOIN fhir_r4.SupplyDelivery_logistic_units AS unit ON unit.SupplyDelivery_id = delivery.id
)
SELECT supply.what, patient.name AS patient, supply.supplied, supply.thing AS key, shipped.shipped_from, shipped.occurred_at AS shipped
  FROM supply JOIN fhir_r4.Patient AS patient ON patient.id = supply.who LEFT JOIN shipped ON shipped.thing = supply.thing
UNION SELECT product.name, NULL, NULL, product.id, shipped.shipped_from, shipped.occurred_at
  FROM shipped JOIN epcis_xml.Product AS product ON product.id = substr(shipped.thing, 1, instr(shipped.thing, '/21/') - 1)
  WHERE shipping NOT IN (SELECT shipped.shipping FROM shipped JOIN supply ON supply.thing = shipped.thing)
ORDER BY what, key
