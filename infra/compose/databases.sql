-- MLflow's database is POSTGRES_DB; this is Airflow's. Run once, when the volume is new.
CREATE DATABASE airflow OWNER stellar;
