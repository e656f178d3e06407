WITH finding AS (
  SELECT specimen.value AS sample, report.clinical_code_label AS certificate, report.issued_on AS issued,
      observation.observed_property_label AS found, observation.result_quantity_value AS value, observation.result_quantity_unit AS unit
    FROM fhir_r4.DiagnosticReport AS report
    JOIN fhir_r4.DiagnosticReport_results AS result ON result.DiagnosticReport_id = report.id
    JOIN fhir_r4.HealthObservation AS observation ON observation.id = result.value
    JOIN fhir_r4.HealthObservation_specimens AS specimen ON specimen.HealthObservation_id = observation.id
  UNION SELECT subject.value, 'certificate of analysis', report.issued_on, result.property_name, result.value, result.unit
    FROM dpp.CertificateOfAnalysis AS report
    JOIN dpp.CertificateOfAnalysis_subjects AS subject ON subject.CertificateOfAnalysis_id = report.id
    JOIN dpp.CertificateOfAnalysis_results AS result ON result.CertificateOfAnalysis_id = report.id
  UNION SELECT subject.value, 'certificate of analysis', report.issued_on, result.property_name, result.value, result.unit
    FROM catena_x.CertificateOfAnalysis AS report
    JOIN catena_x.CertificateOfAnalysis_subjects AS subject ON subject.CertificateOfAnalysis_id = report.id
    JOIN catena_x.TechnicalSpecification_about AS about ON about.value = subject.value
    JOIN catena_x.TechnicalSpecification_properties AS result ON result.TechnicalSpecification_id = about.TechnicalSpecification_id
)
SELECT sample, certificate, issued, found, value, unit FROM finding WHERE value IS NOT NULL ORDER BY sample, found
