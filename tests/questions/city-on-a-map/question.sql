SELECT * FROM (
  SELECT 'station' AS what, name, geometry_latitude AS latitude, geometry_longitude AS longitude FROM gbfs.SharingStation
  UNION ALL SELECT 'vehicle', name, position_latitude, position_longitude FROM gbfs.VehiclePosition
  UNION ALL SELECT 'vehicle', name, position_latitude, position_longitude FROM siri_vm.VehiclePosition
  UNION ALL SELECT 'car park', name, geometry_latitude, geometry_longitude FROM ngsi.ParkingSite
  UNION ALL SELECT 'site', name, geometry_latitude, geometry_longitude FROM ngsi.Place
  UNION ALL SELECT 'device', name, geometry_latitude, geometry_longitude FROM ngsi.EnergyDevice
)
WHERE latitude IS NOT NULL
ORDER BY what, CAST(latitude AS REAL), CAST(longitude AS REAL)
