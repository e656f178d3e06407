WITH calendar (day, weekday, zone, zone_offset) AS (
  VALUES ('2024-01-20', 'saturday', 'America/Los_Angeles', '-08:00'), ('2024-01-31', 'wednesday', 'America/Los_Angeles', '-08:00')
),
runs (trip, first, last, headway, unit) AS (
  SELECT trip, departure_time, arrival_time, NULL, 'trips' FROM gtfs.StopCall
  WHERE trip NOT IN (SELECT trip FROM gtfs.FrequencyService)
  UNION ALL
  SELECT trip, span_start_time, span_end_time, headway, 's between trips' FROM gtfs.FrequencyService
),
line (what, of, starts, ends, number, unit) AS (
  SELECT 'capacity', g.name, c.planned_for, NULL, c.actual_capacity, g.unit
  FROM catena_x.CapacityGroup g JOIN catena_x.CapacityGroup_capacities c ON c.CapacityGroup_id = g.id
  UNION ALL
  SELECT 'demand', d.description, p.planned_for, NULL, p.planned_amount, d.unit
  FROM catena_x.MaterialDemand d JOIN catena_x.MaterialDemand_demand_series_demands p ON p.MaterialDemand_id = d.id
  UNION ALL
  SELECT 'delivery ' || t.transit_kind, d.tracking_number, t.transit_at, NULL, d.delivery_quantity_value, d.delivery_quantity_unit
  FROM catena_x.DeliverySchedule_deliveries d JOIN catena_x.DeliverySchedule_deliveries_transit_events t
    ON t.DeliverySchedule_id = d.DeliverySchedule_id AND t.deliveries_position = d.position
  UNION ALL
  SELECT 'booked voyage', b.booking_reference || ': ' || l.load_place_name || ' to ' || l.discharge_place_name,
    l.occurred_during_start, l.occurred_during_end, NULL, NULL
  FROM dcsa.TransportBooking b JOIN dcsa.TransportBooking_transport_plan l ON l.TransportBooking_id = b.id
  UNION ALL
  SELECT 'cut-off', b.booking_reference || ': ' || c.cut_off_kind_code, c.cut_off_at, NULL, NULL, NULL
  FROM dcsa.TransportBooking b JOIN dcsa.TransportBooking_cut_off_times c ON c.TransportBooking_id = b.id
  UNION ALL
  SELECT 'movement', event_kind_code, occurred_at, NULL, NULL, NULL FROM dcsa.TransportEvent
  UNION ALL
  SELECT 'movement', event_kind_code, occurred_at, NULL, NULL, NULL FROM dcsa.EquipmentEvent
  UNION ALL
  SELECT 'appointment', description, occurred_during_start, occurred_during_end, NULL, NULL FROM fhir_r4.Appointment
  UNION ALL
  SELECT 'bookable hours', k.label, s.planning_horizon_start, s.planning_horizon_end, NULL, NULL
  FROM fhir_r4.Schedule s JOIN fhir_r4.Schedule_service_kinds k ON k.Schedule_id = s.id
  UNION ALL
  SELECT 'timetable', r.name, c.day || 'T' || min(u.first) || c.zone_offset, c.day || 'T' || max(u.last) || c.zone_offset,
    coalesce(min(u.headway), count(DISTINCT t.id)), u.unit
  FROM calendar c
  JOIN gtfs.ServiceCalendar_operating_days d ON d.value = c.weekday
  JOIN gtfs.ServiceCalendar k ON k.id = d.ServiceCalendar_id AND c.day BETWEEN k.start_date AND k.end_date
  JOIN gtfs.TransportTrip t ON t.service_calendar = k.id
  JOIN gtfs.TransportRoute r ON r.id = t.route
  JOIN gtfs.TransportOperator o ON o.id = r.transport_operator AND o.time_zone = c.zone
  JOIN runs u ON u.trip = t.id
  WHERE NOT EXISTS (
    SELECT 1 FROM gtfs.ServiceException e
    WHERE e.service_calendar = k.id AND e.service_date = c.day AND e.exception_kind = 'removed'
  )
  GROUP BY c.day, c.zone_offset, r.name, u.unit
)
SELECT DISTINCT what, of, starts, ends, number, unit FROM line
ORDER BY julianday(starts), what, of
