"""Pictures of the dashboards without a Grafana: ``python -m deploy.grafana.render --prometheus URL --out FOLDER``."""
